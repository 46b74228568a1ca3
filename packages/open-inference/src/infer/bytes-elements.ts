/** Tensors of BYTES in their binary form: each element is a little-endian uint32 length and so many bytes. */
import { ServingError } from '@serving/core';
import { StringArray } from '@serving/core/tensor';
import { pauseAt, type ReadingPace } from '@serving/protos/tensor';

/** Below this many bytes a loop copies faster than a call of `set`. */
const SHORT = 48;
/** An element of so many bytes takes twice as long as an empty one. */
const BYTES_OF_PART = 256;

/**
 * Reads exactly `count` elements. Pauses by the pace: there may be millions.
 *
 * @param subject the tensor, for error texts
 * @throws ServingError `INVALID_ARGUMENT` for another number of elements, and for an element that is cut.
 */
export function* readBytesElements(
  pace: ReadingPace,
  bytes: Uint8Array,
  count: number,
  subject: string,
): Generator<void, StringArray> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { length } = bytes;
  // Each element takes 4 bytes at least: a false count makes no large array.
  if (count * 4 > length) throw wrongCount(subject, count, `${length} bytes hold at most ${length >> 2}`);
  const offsets = new Uint32Array(count + 1);
  // More than the elements take: their lengths are left out.
  const joined = new Uint8Array(length);
  let at = 0;
  let to = 0;
  for (let i = 0; i < count; i++) {
    const rest = length - at - 4;
    const size = rest < 0 ? 0 : view.getUint32(at, true);
    if (rest < 0 || size > rest) {
      throw ServingError.invalidArgument(
        rest < 0
          ? `${subject}: element ${i} of ${count} is missing its length of 4 bytes (${length - at} are left)`
          : `${subject}: element ${i} has a length of ${size} bytes, but only ${rest} are left`,
      );
    }
    at += 4;
    if (size > SHORT) joined.set(bytes.subarray(at, at + size), to);
    else for (let byte = 0; byte < size; byte++) joined[to + byte] = bytes[at + byte]!;
    at += size;
    to += size;
    offsets[i + 1] = to;
    pace.left -= 1 + size / BYTES_OF_PART;
    if (pace.left <= 0) yield* pauseAt(pace);
  }
  if (at < length) throw wrongCount(subject, count, `${length - at} bytes are left behind them`);
  return new StringArray(joined.subarray(0, to), offsets);
}

/** Bytes of the binary form. */
export function bytesElementsSize(data: StringArray): number {
  return data.byteLength + 4 * data.length;
}

/** Writes the binary form into `target` from `at`. */
export function writeBytesElements(data: StringArray, target: Uint8Array, at: number): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  let to = at;
  for (let i = 0; i < data.length; i++) {
    const element = data.at(i);
    view.setUint32(to, element.length, true);
    target.set(element, to + 4);
    to += 4 + element.length;
  }
}

function wrongCount(subject: string, count: number, found: string): ServingError {
  return ServingError.invalidArgument(`${subject}: its shape has ${count} elements, but ${found}`);
}
