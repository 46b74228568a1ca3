/** Tensors with telling values. */
import {
  createTensor,
  dataTypeInfo,
  elementCount,
  type Tensor,
  type TensorDataType,
  toBfloat16,
  toHalf,
} from '@serving/core/tensor';

export const FLOATS = ['float', 'double', 'half', 'bfloat16'] as const satisfies TensorDataType[];
export const SIGNED = ['int8', 'int16', 'int32', 'int64'] as const satisfies TensorDataType[];
export const UNSIGNED = ['uint8', 'uint16', 'uint32', 'uint64'] as const satisfies TensorDataType[];
export const INTEGERS: readonly TensorDataType[] = [...SIGNED, ...UNSIGNED];

const ends: Partial<Record<TensorDataType, readonly [bigint, bigint]>> = {
  int8: [-128n, 127n],
  int16: [-32768n, 32767n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint8: [0n, 255n],
  uint16: [0n, 65535n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** A tensor of numbers in any type; integers may be bigints. Without a shape it is a vector. */
export function tensor(dtype: TensorDataType, values: readonly (number | bigint)[], shape?: readonly number[]): Tensor {
  const ArrayType = dataTypeInfo(dtype).array!;
  const data = new ArrayType(values.length) as { [index: number]: number | bigint };
  for (const [i, value] of values.entries()) {
    if (dtype === 'half') data[i] = toHalf(Number(value));
    else if (dtype === 'bfloat16') data[i] = toBfloat16(Number(value));
    else data[i] = dtype === 'int64' || dtype === 'uint64' ? BigInt(value) : Number(value);
  }
  return createTensor(dtype, shape ?? [values.length], data as never);
}

export const scalar = (dtype: TensorDataType, value: number | bigint): Tensor => tensor(dtype, [value], []);

export const constant = (dtype: TensorDataType, values: readonly (number | bigint)[], shape?: readonly number[]) => ({
  constant: tensor(dtype, values, shape),
});

export const constantScalar = (dtype: TensorDataType, value: number | bigint) => ({ constant: scalar(dtype, value) });

/** A linear congruential sequence: numbers from 0 below 1. */
function sequence(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) % 2 ** 32;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Small numbers of both signs (of unsigned types: positive ones), without 0. */
export function mixed(dtype: TensorDataType, shape: readonly number[], seed = 1): Tensor {
  const next = sequence(seed);
  const isFloat = (FLOATS as readonly string[]).includes(dtype);
  const isUnsigned = dtype.startsWith('u');
  const values = Array.from({ length: elementCount(shape) }, () => {
    if (dtype === 'bool') return next() < 0.5 ? 0 : 1;
    const magnitude = isFloat ? 0.25 + 2.5 * next() : 1 + Math.floor(9 * next());
    return !isUnsigned && next() < 0.5 ? -magnitude : magnitude;
  });
  return tensor(dtype, values, shape);
}

/** Numbers from `low` up to `high`. */
export function between(dtype: TensorDataType, shape: readonly number[], low: number, high: number, seed = 2): Tensor {
  const next = sequence(seed);
  const isFloat = (FLOATS as readonly string[]).includes(dtype);
  const values = Array.from({ length: elementCount(shape) }, () => {
    const value = low + (high - low) * next();
    return isFloat ? value : Math.floor(value);
  });
  return tensor(dtype, values, shape);
}

/** The least and greatest numbers of an integer type, and those around 0. */
export function extremes(dtype: TensorDataType): Tensor {
  const [least, greatest] = ends[dtype]!;
  return tensor(dtype, [least, greatest, least + 1n, greatest - 1n, 0n, 1n, least === 0n ? 2n : -1n]);
}

/** ±0, ±1, ±∞, NaN and large numbers. */
export const special = (dtype: TensorDataType): Tensor =>
  tensor(dtype, [0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 3e4, -3e4, 0.5]);
