/** Damages files as disks, transfers and editors do. */
import type { RandomSource } from './random-source.js';

type Damage = (bytes: Buffer, random: RandomSource) => Buffer;

/** Start and end of a part of at most 64 bytes, or of any length. */
function part(bytes: Buffer, random: RandomSource): readonly [start: number, end: number] {
  const start = random.below(bytes.length + 1);
  const most = random.below(2) === 0 ? 64 : bytes.length;
  return [start, Math.min(bytes.length, start + random.below(most + 1))];
}

const flipBits: Damage = (bytes, random) => {
  const copy = Buffer.from(bytes);
  for (let i = random.below(8); i >= 0 && copy.length > 0; i--) {
    const at = random.below(copy.length);
    copy[at] = copy[at]! ^ (1 << random.below(8));
  }
  return copy;
};

const replaceBytes: Damage = (bytes, random) => {
  const copy = Buffer.from(bytes);
  const [start, end] = part(copy, random);
  const value = random.pick([0, 0xff, undefined]);
  for (let at = start; at < end; at++) copy[at] = value ?? random.below(256);
  return copy;
};

const truncate: Damage = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));

const deletePart: Damage = (bytes, random) => {
  const [start, end] = part(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
};

const repeatPart: Damage = (bytes, random) => {
  const [start, end] = part(bytes, random);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
};

const swapParts: Damage = (bytes, random) => {
  const [start, end] = part(bytes, random);
  const length = end - start;
  const from = random.below(bytes.length - length + 1);
  const copy = Buffer.from(bytes);
  bytes.copy(copy, start, from, from + length);
  bytes.copy(copy, from, start, end);
  return copy;
};

const DAMAGES: readonly Damage[] = [flipBits, replaceBytes, truncate, deletePart, repeatPart, swapParts];

/** Returns a damaged copy. */
export function mutateBytes(bytes: Buffer, random: RandomSource): Buffer {
  return random.pick(DAMAGES)(bytes, random);
}
