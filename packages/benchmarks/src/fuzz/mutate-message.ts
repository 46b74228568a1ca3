/** Changes one field somewhere in a serialized protobuf message, and leaves all lengths right. */
import type { RandomSource } from './random-source.js';

interface Field {
  readonly number: number;
  readonly wireType: number;
  /** Of a varint. */
  readonly value: bigint;
  /** Of any other type. */
  readonly content: Buffer;
}

const VARINT = 0;
const BYTES = 2;
const FIXED: Readonly<Record<number, number>> = { 1: 8, 5: 4 };
const NOTHING: Buffer = Buffer.alloc(0);
const NUMBERS: readonly bigint[] = [0n, 1n, 2n, 3n, -1n, 64n, 255n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 53n];
const EXTREMES: readonly bigint[] = [2n ** 40n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), -2n, -(2n ** 31n)];
/** How many other fields are tried for one in the same place of another message. */
const DONOR_TRIALS = 24;

/** Returns a changed copy; the bytes as they are when they are not a message. */
export function mutateMessage(bytes: Buffer, random: RandomSource): Buffer {
  const path: number[] = [];
  const change = (message: Buffer): Buffer => {
    const fields = parse(message);
    if (fields === undefined || fields.length === 0) return message;
    const at = random.below(fields.length);
    const field = fields[at]!;
    path.push(field.number);
    if (isMessage(field) && random.below(10) > 0) {
      return encode(fields.with(at, { ...field, content: change(field.content) }));
    }
    return encode(changed(fields, at, random, () => donor(bytes, path, random)));
  };
  return change(bytes);
}

function changed(
  fields: readonly Field[],
  at: number,
  random: RandomSource,
  findDonor: () => Field | undefined,
): Field[] {
  const field = fields[at]!;
  const other = random.pick(fields);
  switch (random.below(6)) {
    case 0:
      return fields.toSpliced(at, 1);
    case 1:
      return fields.toSpliced(at, 0, field);
    case 2:
      return fields.with(at, { ...other, number: field.number });
    case 3:
      return fields.with(at, findDonor() ?? other);
    default:
      return fields.with(at, otherValue(field, random));
  }
}

function otherValue(field: Field, random: RandomSource): Field {
  if (field.wireType === VARINT) {
    const near = [field.value + 1n, field.value - 1n, BigInt(random.below(32))];
    return {
      ...field,
      value: BigInt.asIntN(64, random.pick([near, NUMBERS, EXTREMES].map((list) => random.pick(list)))),
    };
  }
  const content = Buffer.from(field.content);
  if (field.wireType === BYTES && random.below(4) === 0) {
    return { ...field, content: content.subarray(0, random.below(content.length + 1)) };
  }
  for (let i = random.below(4); i >= 0 && content.length > 0; i--)
    content[random.below(content.length)] = random.below(256);
  return { ...field, content };
}

/** A field that is reached by the same numbers. */
function donor(bytes: Buffer, path: readonly number[], random: RandomSource): Field | undefined {
  for (let trial = 0; trial < DONOR_TRIALS; trial++) {
    let message: Buffer = bytes;
    let found: Field | undefined;
    for (const number of path) {
      const same: Field[] = parse(message)?.filter((field) => field.number === number) ?? [];
      if (same.length === 0) {
        found = undefined;
        break;
      }
      found = random.pick(same);
      message = found.content;
    }
    if (found !== undefined) return found;
  }
  return undefined;
}

function isMessage({ wireType, content }: Field): boolean {
  return wireType === BYTES && content.length > 1 && parse(content) !== undefined;
}

function parse(bytes: Buffer): Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint | undefined => {
    let value = 0n;
    for (let shift = 0n; shift < 70n && at < bytes.length; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    return undefined;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === undefined || tag < 8n || tag > 0xffffn) return undefined;
    const [number, wireType] = [Number(tag >> 3n), Number(tag & 7n)];
    const value = wireType === VARINT || wireType === BYTES ? varint() : 0n;
    const length = wireType === BYTES ? Number(value) : (FIXED[wireType] ?? 0);
    const isKnown = wireType === VARINT || wireType === BYTES || wireType in FIXED;
    if (!isKnown || value === undefined || length < 0 || at + length > bytes.length) return undefined;
    fields.push({ number, wireType, value, content: length > 0 ? bytes.subarray(at, at + length) : NOTHING });
    at += length;
  }
  return fields;
}

function encode(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ number, wireType, value, content }) => {
      const tag = varintBytes(BigInt(number * 8 + wireType));
      if (wireType === VARINT) return [tag, varintBytes(value)];
      return wireType === BYTES ? [tag, varintBytes(BigInt(content.length)), content] : [tag, content];
    }),
  );
}

function varintBytes(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}
