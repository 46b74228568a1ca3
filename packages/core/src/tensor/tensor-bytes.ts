/** Tensors as the little-endian bytes of their values. */
import { ServingError } from '../serving-error.js';
import { dataTypeInfo, type TensorDataType } from './data-type.js';
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
  const steps = tensorFromBytesInSlices(dtype, shape, bytes);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** As {@link tensorFromBytes}, yielding after each 256 KiB that are read or copied, so that the event loop may turn. */
export function* tensorFromBytesInSlices(
  dtype: Exclude<TensorDataType, 'string'>,
  shape: readonly number[],
  bytes: Uint8Array,
): Generator<void, Tensor> {
  const { array, width } = dataTypeInfo(dtype);
  const length = elementCount(shape) * width;
  const byteLength = length * array!.BYTES_PER_ELEMENT;
  if (bytes.length !== byteLength) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `a ${dtype} tensor of shape [${shape}] has ${byteLength} bytes, got ${bytes.length}`,
    );
  }
  const values = dtype === 'bool' ? yield* zerosAndOnesInSlices(bytes) : bytes;
  const isAligned = values.byteOffset % array!.BYTES_PER_ELEMENT === 0;
  const { buffer, byteOffset } = isAligned ? values : yield* copyInSlices(values);
  return { dtype, shape, data: new array!(buffer as ArrayBuffer, byteOffset, length) } as Tensor;
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

/** Bytes that are read or copied at once. */
export const COPY_SLICE_BYTES: number = 256 * 1024;

/** A copy in memory of its own. Yields after each slice. */
export function* copyInSlices(bytes: Uint8Array): Generator<void, Uint8Array> {
  const copy = new Uint8Array(bytes.length);
  for (let from = 0; from < bytes.length; from += COPY_SLICE_BYTES) {
    if (from > 0) yield;
    copy.set(bytes.subarray(from, from + COPY_SLICE_BYTES), from);
  }
  return copy;
}

/** Bytes of booleans with 1 for everything but 0: the same bytes where they are so already, else a copy. */
export function zerosAndOnes(bytes: Uint8Array): Uint8Array {
  const steps = zerosAndOnesInSlices(bytes);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

function* zerosAndOnesInSlices(bytes: Uint8Array): Generator<void, Uint8Array> {
  for (let from = 0; from < bytes.length; from += COPY_SLICE_BYTES) {
    if (from > 0) yield;
    if (hasOthers(bytes, from, Math.min(from + COPY_SLICE_BYTES, bytes.length))) {
      const copy = yield* copyInSlices(bytes);
      for (let at = from; at < copy.length; at += COPY_SLICE_BYTES) {
        yield;
        toZerosAndOnes(copy, at, Math.min(at + COPY_SLICE_BYTES, copy.length));
      }
      return copy;
    }
  }
  return bytes;
}

/** Whether there is a byte over 1. */
function hasOthers(bytes: Uint8Array, from: number, to: number): boolean {
  let bits = 0;
  for (let at = from; at < to; at++) bits |= bytes[at]!;
  return bits > 1;
}

function toZerosAndOnes(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at++) if (bytes[at]! > 1) bytes[at] = 1;
}
