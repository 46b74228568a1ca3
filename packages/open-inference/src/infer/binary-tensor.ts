/** Tensors as the bytes of their values, as the binary extension and gRPC's raw contents have them. */
import { ServingError } from '@serving/core';
import { tensorFromBytesInSlices } from '@serving/core/internal';
import {
  dataTypeInfo,
  elementCount,
  StringArray,
  type Tensor,
  type TensorDataType,
  tensorBytes,
  tensorFromBytes,
} from '@serving/core/tensor';
import { inOneGo } from '@serving/json-codec/internal';
import { type ReadingPace, withoutPause } from '@serving/protos/tensor';
import { bytesElementsSize, readBytesElements, writeBytesElements } from './bytes-elements.js';
import { type Datatype, dtypeOf } from './datatype.js';

/**
 * The tensor of these bytes: numbers are a view of them where their address allows one.
 *
 * @param subject the tensor, for error texts
 * @throws ServingError `INVALID_ARGUMENT` for bytes that the shape does not have.
 */
export function readBinaryTensor(
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  subject: string,
): Tensor {
  return inOneGo(readBinaryTensorAt(withoutPause(), datatype, shape, bytes, subject));
}

/** Copies of this many bytes take about a millisecond. */
const BYTES_AT_ONCE = 4 * 1024 ** 2;

/** {@link readBinaryTensor} with pauses. */
export function* readBinaryTensorAt(
  pace: ReadingPace,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  subject: string,
): Generator<void, Tensor> {
  const count = elementCount(shape);
  const dtype = dtypeOf(datatype);
  if (dtype === 'string') return { dtype, shape, data: yield* readBytesElements(pace, bytes, count, subject) };
  const expected = count * dataTypeInfo(dtype).array!.BYTES_PER_ELEMENT;
  if (bytes.length !== expected) {
    throw ServingError.invalidArgument(
      `${subject}: ${datatype} of shape [${shape}] has ${expected} bytes, but ${bytes.length} were sent`,
    );
  }
  return yield* numbersOf(dtype, shape, bytes);
}

/** The tensor of bytes that its shape has. Pauses only in long copies. */
export function* numbersOf(
  dtype: Exclude<TensorDataType, 'string'>,
  shape: readonly number[],
  bytes: Uint8Array,
): Generator<void, Tensor> {
  // Booleans are checked one by one.
  if (dtype !== 'bool' && bytes.length <= BYTES_AT_ONCE) return tensorFromBytes(dtype, shape, bytes);
  return yield* tensorFromBytesInSlices(dtype, shape, bytes);
}

/** Bytes of a tensor in its binary form. */
export function binarySize({ data }: Tensor): number {
  return data instanceof StringArray ? bytesElementsSize(data) : data.byteLength;
}

/** Writes a tensor's binary form into `target` from `at`. */
export function writeBinaryTensor(tensor: Tensor, target: Uint8Array, at: number): void {
  if (tensor.data instanceof StringArray) writeBytesElements(tensor.data, target, at);
  else target.set(tensorBytes(tensor), at);
}
