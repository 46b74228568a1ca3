/** The bytes of `tensor_content` → values. */
import { ServingError } from '@serving/core/portable';
import { dataTypeInfo, type NumericArray, StringArray, type TensorDataType, zerosAndOnes } from '@serving/core/tensor';
import { pauseAt, type ReadingPace } from '../wire/wire-fields.js';

type NumericType = Exclude<TensorDataType, 'string'>;

/** What may be done with bytes that values are read from. */
export interface BytesOwnership {
  /**
   * The bytes are given away: long values that lie at an address where their type can't start are moved there, over the tags and
   * lengths in front of them, rather than copied. Default false.
   */
  readonly mayOverwrite?: boolean;
}

/**
 * A view of the content where its address allows one, else a copy. Booleans come out as 0 and 1.
 *
 * @param length values in the array: twice the elements for complex types.
 * @throws ServingError `INVALID_ARGUMENT` for another size.
 */
export function numbersOfContent(
  content: Uint8Array,
  dtype: NumericType,
  length: number,
  ownership: BytesOwnership = {},
): NumericArray {
  const byteLength = length * dataTypeInfo(dtype).array!.BYTES_PER_ELEMENT;
  if (content.length !== byteLength) throw wrongSize(content.length, byteLength);
  return viewOrCopy(content, dtype, length, ownership);
}

/** The first values of little-endian bytes: a view where their address allows one, else a copy. */
export function viewOrCopy(
  bytes: Uint8Array,
  dtype: NumericType,
  length: number,
  ownership: BytesOwnership,
): NumericArray {
  if (dtype === 'bool') return plainBytes(zerosAndOnes(bytes.subarray(0, length)));
  const ArrayType = dataTypeInfo(dtype).array!;
  const { buffer, byteOffset } = aligned(bytes, ArrayType.BYTES_PER_ELEMENT, ownership);
  return new ArrayType(buffer, byteOffset, length);
}

/**
 * Values this long have at least nine bytes of tags and lengths in front of them in a request: their own, their tensor's and those
 * of the map entry, each a tag and two bytes of length. All of these have been read when values are.
 */
const MIN_MOVED_BYTES = 4096;

function aligned(bytes: Uint8Array, size: number, { mayOverwrite }: BytesOwnership): Uint8Array {
  const excess = bytes.byteOffset % size;
  if (excess === 0) return bytes;
  // Not `bytes.slice`, which for a Buffer is a view.
  if (!mayOverwrite || bytes.length < MIN_MOVED_BYTES) return new Uint8Array(bytes);
  const whole = new Uint8Array(bytes.buffer, bytes.byteOffset - excess, bytes.length + excess);
  return whole.copyWithin(0, excess).subarray(0, bytes.length);
}

/** Not a Buffer. */
function plainBytes({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

/**
 * All lengths as varints, then all bytes, of which the result is a view.
 *
 * @throws ServingError `INVALID_ARGUMENT` for content that doesn't hold exactly so many strings.
 */
export function* stringsOfContent(content: Uint8Array, count: number, pace: ReadingPace): Generator<void, StringArray> {
  if (count > content.length) {
    throw new ServingError('INVALID_ARGUMENT', `tensor_content has too few bytes for ${count} strings`);
  }
  const offsets = new Uint32Array(count + 1);
  let position = 0;
  let end = 0;
  for (let i = 1; i <= count; i++) {
    for (let scale = 1; ; scale *= 128) {
      const byte = content[position++];
      if (byte === undefined) throw new ServingError('INVALID_ARGUMENT', 'tensor_content ends within the lengths');
      end += (byte & 127) * scale;
      if (byte < 128) break;
    }
    offsets[i] = end;
    pace.left -= 1;
    if (pace.left <= 0) yield* pauseAt(pace);
  }
  if (position + end !== content.length) throw wrongSize(content.length, position + end);
  return new StringArray(content.subarray(position), offsets);
}

function wrongSize(actual: number, expected: number): ServingError {
  return new ServingError('INVALID_ARGUMENT', `tensor_content has ${actual} bytes instead of ${expected}`);
}
