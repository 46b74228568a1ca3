/** Tensors that hold one number everywhere. */
import { ServingError } from '@serving/core';
import {
  createTensor,
  type DataType,
  dataTypeInfo,
  elementCount,
  type Tensor,
  type TensorDataType,
  toBfloat16,
  toHalf,
} from '@serving/core/tensor';

/** The number in the form in which a tensor of the type holds it. */
function held(dtype: DataType, value: number | bigint): number | bigint {
  if (dtype === 'half') return toHalf(Number(value));
  if (dtype === 'bfloat16') return toBfloat16(Number(value));
  return dtype === 'int64' || dtype === 'uint64' ? BigInt(value) : Number(value);
}

/**
 * A tensor of a numeric type with `value` in each place.
 *
 * @throws ServingError `UNIMPLEMENTED` for a dtype without numbers, which a damaged graph may ask for.
 */
export function filledTensor(dtype: DataType, shape: readonly number[], value: number | bigint): Tensor {
  const { array: ArrayType } = dataTypeInfo(dtype);
  if (ArrayType === undefined) throw new ServingError('UNIMPLEMENTED', `no numbers of dtype ${dtype}`);
  const data = new ArrayType(elementCount(shape));
  (data as { fill(value: number | bigint): unknown }).fill(held(dtype, value));
  return createTensor(dtype as TensorDataType, shape, data as never);
}
