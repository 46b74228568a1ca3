/** A tensor in memory, and the checks that make one. */
import { ServingError } from '../serving-error.js';
import { dataTypeInfo, type TensorDataMap, type TensorDataType } from './data-type.js';
import { elementCount } from './tensor-shape.js';

/**
 * Values of one data type in row-major order. Plain data: any object of this form is a tensor.
 * The library never writes into a tensor that it was given, and results share no memory with the runtime.
 *
 * A union by data type: where `tensor.dtype` is known to be `'float'`, `tensor.data` is a `Float32Array`.
 */
export type Tensor<D extends TensorDataType = TensorDataType> = {
  readonly [K in D]: {
    readonly dtype: K;
    /** Sizes by dimension; `[]` is a scalar. */
    readonly shape: readonly number[];
    /** {@link TensorDataMap} has the array of each data type. Its length is the element count (twice that for complex types). */
    readonly data: TensorDataMap[K];
  };
}[D];

/** Tensors by name (a signature's aliases). Made with a null prototype, so that any name is safe. */
export type NamedTensors = { [name: string]: Tensor };

/**
 * Makes a tensor, with its size checked.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a dimension that is not a non-negative integer, for 2³¹ elements or more,
 * and for `data` of another length than the shape's.
 */
export function createTensor<D extends TensorDataType>(
  dtype: D,
  shape: readonly number[],
  data: TensorDataMap[D],
): Tensor<D> {
  const expected = elementCount(shape) * dataTypeInfo(dtype).width;
  if (data.length !== expected) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `A ${dtype} tensor of shape [${shape}] holds ${expected} values, but its data has ${data.length}`,
    );
  }
  return { dtype, shape, data };
}
