/** Slices of partitioned variables: how the graph asks for them, and the keys under which a checkpoint stores them. */
import { ServingError } from '@serving/core';

/** Of one dimension. A length of -1 is the whole dimension. */
export interface Extent {
  readonly start: number;
  readonly length: number;
}

/** A part of a tensor of a known shape, with the length of every extent. */
export interface TensorSlice {
  readonly fullShape: readonly number[];
  readonly extents: readonly Extent[];
}

/**
 * Parses what `RestoreV2` asks for: `10 3 4,3:0,3` is rows 4 to 6 of a [10, 3] tensor, `-` all of a dimension. `undefined` for the whole tensor (`""`).
 *
 * @throws ServingError `DATA_LOSS` for another text.
 */
export function parseSliceSpec(spec: string): TensorSlice | undefined {
  if (spec === '') return undefined;
  const parts = spec.split(' ');
  const dimensions = (parts.pop() ?? '').split(':');
  const fullShape = parts.map(wholeNumber);
  const extents = dimensions.map((dimension, i): Extent => {
    if (dimension === '-') return { start: 0, length: fullShape[i] ?? Number.NaN };
    const [start = '', length = ''] = dimension.split(',');
    return { start: wholeNumber(start), length: wholeNumber(length) };
  });
  const slice = { fullShape, extents };
  if (!isInside(slice)) throw new ServingError('DATA_LOSS', `the graph restores slice "${spec}", which is not a slice`);
  return slice;
}

function wholeNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** Replaces lengths of -1, and checks that the slice is part of the tensor. */
export function resolveExtents(extents: readonly Extent[], fullShape: readonly number[]): TensorSlice {
  const resolved = extents.map(({ start, length }, i) => ({ start, length: length < 0 ? fullShape[i]! : length }));
  const slice = { fullShape, extents: resolved };
  if (!isInside(slice)) throw new ServingError('DATA_LOSS', 'a slice of the checkpoint lies outside of its tensor');
  return slice;
}

function isInside({ fullShape, extents }: TensorSlice): boolean {
  return (
    extents.length === fullShape.length &&
    extents.every(({ start, length }, i) => start >= 0 && length >= 0 && start + length <= fullShape[i]!)
  );
}

/** The key of a stored slice, as latin1: TensorFlow's ordered code of (0, name, rank, start and length of each dimension). */
export function sliceKey(name: string, extents: readonly Extent[]): string {
  const parts = ['\0', escapeName(name), '\0\x01', orderedNumber(extents.length)];
  for (const { start, length } of extents) parts.push(orderedSigned(start), orderedSigned(length));
  return parts.join('');
}

/** `00` → `00 ff`, `ff` → `ff 00`. */
function escapeName(name: string): string {
  return name.replaceAll(/[\0\xff]/g, (byte) => (byte === '\0' ? '\0\xff' : '\xff\0'));
}

/** A count byte and big-endian bytes. */
function orderedNumber(value: number): string {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return String.fromCharCode(bytes.length, ...bytes);
}

/** The count of leading one bits is the count of bytes, for values that are not negative; -1 is `7f`. */
function orderedSigned(value: number): string {
  if (value === -1) return '\x7f';
  let width = 1;
  while (value >= 2 ** (7 * width - 1)) width++;
  const bytes = Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) % 256);
  for (let bit = 0; bit < width; bit++) bytes[bit >> 3] = bytes[bit >> 3]! | (0x80 >> (bit & 7));
  return String.fromCharCode(...bytes);
}
