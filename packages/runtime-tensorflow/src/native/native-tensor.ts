/** Tensors to TensorFlow's `TF_Tensor` and back. Both directions copy; no memory is shared. */
import { ServingError } from '@serving/core';
import {
  type DataType,
  type DataTypeInfo,
  dataTypeInfo,
  elementCount,
  MAX_ELEMENTS,
  MAX_RANK,
  type NumericArray,
  type StringArray,
  type Tensor,
} from '@serving/core/tensor';
import type { Address } from '@serving/engine/native';
import { WordArray } from '@serving/engine/native';
import type { TensorFlowApi } from './c-api.js';
import { allocateStringBlock, readStrings } from './native-string.js';

/** A data type that is looked up once for all tensors of a feed or a fetch. */
export interface TensorType {
  readonly dtype: DataType;
  readonly info: DataTypeInfo;
}

/** Makes and reads native tensors for one thread. */
export class NativeTensors {
  readonly #api: TensorFlowApi;
  readonly #dims: WordArray = new WordArray(MAX_RANK);

  constructor(api: TensorFlowApi) {
    this.#api = api;
  }

  /**
   * A native copy of a tensor, which the caller deletes. Its memory is the C library's, so that neither making nor
   * deleting it waits for TensorFlow's allocator.
   *
   * @param usual the type that the tensor probably has
   * @throws ServingError `INVALID_ARGUMENT` when the data doesn't fit data type and shape or there are more than 254
   * dimensions, `RESOURCE_EXHAUSTED` when memory is short.
   */
  toNative(tensor: Tensor, usual: TensorType): Address {
    const { dtype, shape, data } = tensor;
    const { number, width, array } = dtype === usual.dtype ? usual.info : dataTypeInfo(dtype);
    const rank = shape.length;
    const length = this.#putDims(shape) * width;
    if ('offsets' in data) {
      if (dtype !== 'string' || data.length !== length) throw unfit(tensor, length);
      return this.#newStringTensor(number, rank, data);
    }
    const bytes = array === undefined ? -1 : length * array.BYTES_PER_ELEMENT;
    if (data.byteLength !== bytes) throw unfit(tensor, length);
    const { newTensor, libc } = this.#api;
    const memory = libc.allocateAligned(bytes);
    if (memory === 0) throw new ServingError('RESOURCE_EXHAUSTED', `No memory for a tensor of ${bytes} bytes`);
    if (bytes > 0) libc.copyIn(memory, data, bytes);
    return newTensor(number, this.#dims.address, rank, memory, bytes, libc.alignedFreeAddress, 0);
  }

  /** Puts dimensions where `newTensor` reads them. Returns the number of elements. @throws ServingError `INVALID_ARGUMENT` */
  #putDims(shape: readonly number[]): number {
    let count = 1;
    if (shape.length <= MAX_RANK) {
      for (let i = 0; i < shape.length; i++) {
        const size = shape[i]!;
        count *= size > 0 && size === (size | 0) ? size : 0;
        this.#dims.set(i, size);
      }
    }
    // Of the usual shapes the product says that they are right.
    return count > 0 && count < MAX_ELEMENTS && shape.length <= MAX_RANK ? count : elementCount(shape);
  }

  /** A copy of a native tensor, which is of this type and stays the caller's to delete. */
  fromNative(native: Address, { dtype, info }: TensorType): Tensor {
    const api = this.#api;
    const rank = api.numDims(native);
    const shape = new Array<number>(rank);
    let length = 1;
    for (let i = 0; i < rank; i++) {
      const size = api.dim(native, i);
      shape[i] = size;
      length *= size;
    }
    const { array, width } = info;
    if (dtype === 'string') {
      return { dtype, shape, data: readStrings(api.libc, api.tensorData(native), length) };
    }
    const data: NumericArray = new array!(length * width);
    if (length > 0) api.libc.copyOut(data, api.tensorData(native), data.byteLength);
    return { dtype, shape, data } as Tensor;
  }

  /**
   * The memory comes from `malloc` and is given to TensorFlow with `free`. Kernels change memory in place only where
   * TensorFlow allocated it: these strings, which aren't heap blocks of their own, must never be resized.
   */
  #newStringTensor(number: number, rank: number, strings: StringArray): Address {
    const { newTensor, libc } = this.#api;
    const block = allocateStringBlock(libc, strings);
    return newTensor(number, this.#dims.address, rank, block.address, block.bytes, libc.freeAddress, 0);
  }
}

function unfit({ dtype, shape, data }: Tensor, expected: number): ServingError {
  return new ServingError(
    'INVALID_ARGUMENT',
    `A ${dtype} tensor of shape [${shape}] holds ${expected} values; its data is a ${data.constructor.name} of ${data.length}`,
  );
}
