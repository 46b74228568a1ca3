/** Elements of numeric tensors as JavaScript numbers, and back. */
import { ServingError } from '@serving/core/portable';
import {
  type DataType,
  dataTypeInfo,
  fromBfloat16,
  fromHalf,
  type Tensor,
  type TensorDataType,
  toBfloat16,
  toHalf,
} from '@serving/core/tensor';

/** Dtypes whose elements are bigints. */
export function isBig(dtype: DataType): dtype is 'int64' | 'uint64' {
  return dtype === 'int64' || dtype === 'uint64';
}

/** Dtypes of real numbers with a fraction. */
export function isFloating(dtype: DataType): boolean {
  return dtype === 'float' || dtype === 'double' || dtype === 'half' || dtype === 'bfloat16';
}

/** Dtypes of pairs of numbers. */
export function isComplex(dtype: DataType): dtype is 'complex64' | 'complex128' {
  return dtype === 'complex64' || dtype === 'complex128';
}

/** The numbers of a tensor: 16-bit floats decoded, 64-bit integers rounded to double, bools as 0 and 1. */
export function numbersOf(tensor: Tensor): ArrayLike<number> {
  switch (tensor.dtype) {
    case 'half':
      return Float32Array.from(tensor.data, fromHalf);
    case 'bfloat16':
      return Float32Array.from(tensor.data, fromBfloat16);
    case 'int64':
    case 'uint64':
      return Float64Array.from(tensor.data as BigInt64Array, Number);
    case 'string':
    case 'complex64':
    case 'complex128':
      throw new ServingError('UNIMPLEMENTED', `${tensor.dtype} values are not real numbers`);
    default:
      return tensor.data;
  }
}

/** A tensor of these numbers, rounded to the dtype; integers wrap at their width. */
export function numberTensor(dtype: TensorDataType, shape: readonly number[], values: ArrayLike<number>): Tensor {
  return { dtype, shape, data: encoded(dtype, values) } as Tensor;
}

function encoded(dtype: TensorDataType, values: ArrayLike<number>): unknown {
  if (dtype === 'half') return Uint16Array.from(values, toHalf);
  if (dtype === 'bfloat16') return Uint16Array.from(values, (value) => toBfloat16(Math.fround(value)));
  if (dtype === 'int64') return BigInt64Array.from(Array.from(values, BigInt));
  if (dtype === 'uint64') return BigUint64Array.from(Array.from(values, (value) => BigInt.asUintN(64, BigInt(value))));
  const { array } = dataTypeInfo(dtype);
  if (array === undefined || isComplex(dtype)) {
    throw new ServingError('UNIMPLEMENTED', `numbers can't become ${dtype} values`);
  }
  return values instanceof array ? values : (array as unknown as Float64ArrayConstructor).from(values);
}

/** A number rounded as a value of the dtype is. */
export function rounderOf(dtype: DataType): (value: number) => number {
  if (dtype === 'float') return Math.fround;
  if (dtype === 'half') return (value) => fromHalf(toHalf(value));
  if (dtype === 'bfloat16') return (value) => fromBfloat16(toBfloat16(Math.fround(value)));
  return (value) => value;
}

/** The integers of a tensor of indices, axes or sizes. */
export function integersOf(tensor: Tensor): number[] {
  if (isFloating(tensor.dtype) || tensor.dtype === 'string' || isComplex(tensor.dtype)) {
    throw new ServingError('INVALID_ARGUMENT', `Expected a tensor of integers (got ${tensor.dtype})`);
  }
  return Array.from(numbersOf(tensor));
}

/** The one integer of a scalar, or of a vector of one. */
export function integerOf(tensor: Tensor): number {
  const values = integersOf(tensor);
  if (values.length !== 1) {
    throw new ServingError('INVALID_ARGUMENT', `Expected one integer (got a tensor of shape [${tensor.shape}])`);
  }
  return values[0]!;
}

/** A tensor of int32 or int64. */
export function integerTensor(dtype: DataType, shape: readonly number[], values: ArrayLike<number>): Tensor {
  if (dtype !== 'int32' && dtype !== 'int64') {
    throw new ServingError('UNIMPLEMENTED', `Indices must be int32 or int64 (got ${dtype})`);
  }
  return numberTensor(dtype, shape, values);
}

/** The dimension that an axis from `-rank` to `rank - 1` means. */
export function axisOf(axis: number, rank: number, message?: string): number {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  throw new ServingError(
    'INVALID_ARGUMENT',
    message ?? `Expected dimension in the range [${-rank}, ${rank}), but got ${axis}`,
  );
}

/** Whether each element is a number other than 0, or true. */
export function nonZeros(x: Tensor): ArrayLike<boolean> {
  if (isBig(x.dtype)) return Array.from(x.data as BigInt64Array, (value) => value !== 0n);
  if (isComplex(x.dtype)) {
    const data = x.data as Float64Array;
    return Array.from({ length: data.length / 2 }, (_, i) => data[2 * i] !== 0 || data[2 * i + 1] !== 0);
  }
  if (isFloating(x.dtype)) return Array.from(numbersOf(x), (value) => value !== 0);
  return Array.from(x.data as Int32Array, (value) => value !== 0);
}

/** The larger of two. */
export function bigMax(x: bigint, y: bigint): bigint {
  if (x > y) return x;
  return y;
}

/** The smaller of two. */
export function bigMin(x: bigint, y: bigint): bigint {
  if (x < y) return x;
  return y;
}
