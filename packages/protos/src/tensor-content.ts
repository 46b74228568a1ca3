/** The bytes of `tensor_content` → values. */
import { ServingError } from '@serving/core';
import { dataTypeInfo, type NumericArray, StringArray, type TensorDataType } from '@serving/core/tensor';

type NumericType = Exclude<TensorDataType, 'string'>;

/**
 * A view of the content where its address allows one, else a copy. Booleans come out as 0 and 1.
 *
 * @param length values in the array: twice the elements for complex types.
 * @throws ServingError `INVALID_ARGUMENT` for another size.
 */
export function numbersOfContent(content: Uint8Array, dtype: NumericType, length: number): NumericArray {
  const byteLength = length * dataTypeInfo(dtype).array!.BYTES_PER_ELEMENT;
  if (content.length !== byteLength) throw wrongSize(content.length, byteLength);
  return viewOrCopy(content, dtype, length);
}

/** The first values of little-endian bytes: a view where their address allows one, else a copy. */
export function viewOrCopy(bytes: Uint8Array, dtype: NumericType, length: number): NumericArray {
  if (dtype === 'bool') return booleans(bytes.subarray(0, length));
  const ArrayType = dataTypeInfo(dtype).array!;
  if (bytes.byteOffset % ArrayType.BYTES_PER_ELEMENT === 0) {
    return new ArrayType(bytes.buffer, bytes.byteOffset, length);
  }
  const begin = bytes.byteOffset;
  return new ArrayType(bytes.buffer.slice(begin, begin + length * ArrayType.BYTES_PER_ELEMENT), 0, length);
}

function booleans(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! > 1) return Uint8Array.from(bytes, (byte) => (byte === 0 ? 0 : 1));
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * All lengths as varints, then all bytes, of which the result is a view.
 *
 * @throws ServingError `INVALID_ARGUMENT` for content that doesn't hold exactly so many strings.
 */
export function stringsOfContent(content: Uint8Array, count: number): StringArray {
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
  }
  if (position + end !== content.length) throw wrongSize(content.length, position + end);
  return new StringArray(content.subarray(position), offsets);
}

function wrongSize(actual: number, expected: number): ServingError {
  return new ServingError('INVALID_ARGUMENT', `tensor_content has ${actual} bytes instead of ${expected}`);
}
