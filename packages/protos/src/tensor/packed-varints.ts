/** Packed lists of protobuf's integers ↔ typed arrays, without a JavaScript number per element in between. */
import type { NumericArray } from '@serving/core/tensor';
import { pauseAt, type ReadingPace } from '../wire/wire-fields.js';

/**
 * Reads a packed list into an array from `filled` on, and gives what is filled then. What the array has no room for is skipped, and
 * what is too wide for its elements is narrowed with wrap-around.
 *
 * @param isBool every value but 0 is 1.
 * @throws RangeError for bytes that end within a number, and for a number of more than ten bytes.
 */
export function readPackedVarints(bytes: Uint8Array, data: NumericArray, filled: number, isBool: boolean): number {
  const words = is64Bit(data) ? new Int32Array(data.buffer, data.byteOffset, 2 * data.length) : undefined;
  const small = data as Exclude<NumericArray, BigInt64Array | BigUint64Array>;
  let position = 0;
  let next = filled;
  while (position < bytes.length) {
    let byte = bytes[position++]!;
    if (byte < 128 && next < data.length) {
      if (words === undefined) small[next] = isBool && byte > 1 ? 1 : byte;
      else {
        words[2 * next] = byte;
        words[2 * next + 1] = 0;
      }
      next++;
      continue;
    }
    let low = byte & 127;
    let high = 0;
    for (let shift = 7; byte >= 128; shift += 7) {
      if (position === bytes.length || shift > 63) throw new RangeError('a number ends too soon or not at all');
      byte = bytes[position++]!;
      const bits = byte & 127;
      if (shift < 32) low |= bits << shift;
      if (shift === 28) high = bits >>> 4;
      else if (shift > 28) high |= bits << (shift - 32);
    }
    if (next === data.length) continue;
    if (words) {
      words[2 * next] = low;
      words[2 * next + 1] = high;
    } else {
      data[next] = isBool ? Number((low | high) !== 0) : low;
    }
    next++;
  }
  return next;
}

/**
 * Calls `read` with a packed list whole, or for integers with part after part of it: each ends with a number, and there are pauses
 * between them.
 */
export function* readPieceAt(
  pace: ReadingPace,
  piece: Uint8Array,
  isFixed: boolean,
  read: (part: Uint8Array) => void,
): Generator<void, void> {
  let begin = 0;
  yield* pauseAt(pace);
  while (!isFixed && piece.length - begin > pace.left) {
    let end = begin + pace.left;
    // A number that does not end is an error after ten bytes.
    for (const most = end + 10; end < most && end < piece.length && piece[end - 1]! >= 128; ) end++;
    read(piece.subarray(begin, end));
    begin = end;
    pace.left = 0;
    yield* pauseAt(pace);
  }
  if (begin === 0 || begin < piece.length) read(begin === 0 ? piece : piece.subarray(begin));
}

/** The packed list of an array's values; negative ones take ten bytes. */
export function packVarints(data: NumericArray): Uint8Array {
  const words = is64Bit(data) ? new Int32Array(data.buffer, data.byteOffset, 2 * data.length) : undefined;
  const isSigned = data instanceof Int32Array || data instanceof Int16Array || data instanceof Int8Array;
  const bytes = new Uint8Array(sizeOf(data, words, isSigned));
  let position = 0;
  for (let i = 0; i < data.length; i++) {
    let low = words ? words[2 * i]! >>> 0 : (data[i] as number) >>> 0;
    let high = words ? words[2 * i + 1]! >>> 0 : highWord(data[i] as number, isSigned);
    while (high !== 0) {
      bytes[position++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    for (; low >= 128; low >>>= 7) bytes[position++] = (low & 127) | 128;
    bytes[position++] = low;
  }
  return bytes;
}

function is64Bit(data: NumericArray): data is BigInt64Array | BigUint64Array {
  return data instanceof BigInt64Array || data instanceof BigUint64Array;
}

/** Sign extension: protobuf writes a negative int32 as an int64. */
function highWord(value: number, isSigned: boolean): number {
  return isSigned && value < 0 ? 0xffffffff : 0;
}

function sizeOf(data: NumericArray, words: Int32Array | undefined, isSigned: boolean): number {
  let size = 0;
  for (let i = 0; i < data.length; i++) {
    const high = words ? words[2 * i + 1]! >>> 0 : highWord(data[i] as number, isSigned);
    const low = words ? words[2 * i]! >>> 0 : (data[i] as number) >>> 0;
    const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
    size += Math.max(1, Math.ceil(bits / 7));
  }
  return size;
}
