/** Tensors as the little-endian bytes of their values. */
import { ServingError } from '../serving-error.js';
import { dataTypeInfo, type NumericArray, type TensorDataType } from './data-type.js';
import { StringArray } from './string-array.js';
import type { Tensor } from './tensor.js';
import { elementCount } from './tensor-shape.js';

/**
 * The tensor of these bytes: a view where their address allows one, else a copy. Bytes of a `bool` other than 0 count as 1.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a size other than the shape's.
 */
export function tensorFromBytes(
  dtype: Exclude<TensorDataType, 'string'>,
  shape: readonly number[],
  bytes: Uint8Array,
): Tensor {
  const { array, width } = dataTypeInfo(dtype);
  const length = elementCount(shape) * width;
  const byteLength = length * array!.BYTES_PER_ELEMENT;
  if (bytes.length !== byteLength) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `a ${dtype} tensor of shape [${shape}] has ${byteLength} bytes, got ${bytes.length}`,
    );
  }
  return { dtype, shape, data: numbers(dtype === 'bool' ? zerosAndOnes(bytes) : bytes, array!, length) } as Tensor;
}

/**
 * A view of the values' bytes.
 *
 * @throws ServingError `UNIMPLEMENTED` for strings, which have no such form.
 */
export function tensorBytes({ data }: Tensor): Uint8Array {
  if (data instanceof StringArray) throw new ServingError('UNIMPLEMENTED', 'string tensors have no raw form');
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

type NumericArrayType = NonNullable<ReturnType<typeof dataTypeInfo>['array']>;

function numbers(bytes: Uint8Array, ArrayType: NumericArrayType, length: number): NumericArray {
  const { buffer, byteOffset } = bytes;
  if (byteOffset % ArrayType.BYTES_PER_ELEMENT === 0) return new ArrayType(buffer, byteOffset, length);
  return new ArrayType(buffer.slice(byteOffset, byteOffset + bytes.length), 0, length);
}

/** Bytes of booleans with 1 for everything but 0: the same bytes where they are so already, else a copy. */
export function zerosAndOnes(bytes: Uint8Array): Uint8Array {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! > 1) return Uint8Array.from(bytes, (byte) => (byte === 0 ? 0 : 1));
  }
  return bytes;
}
