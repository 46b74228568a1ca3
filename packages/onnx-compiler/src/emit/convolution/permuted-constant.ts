/** Constants with their dimensions in another order. */
import { dataTypeInfo, type NumericArray, type Tensor } from '@serving/core/tensor';
import type { ConstantValue } from '../../graph/graph.js';

const permuted = new WeakMap<ConstantValue, Map<string, ConstantValue>>();

/** The constant with dimension `order[i]` in place `i`, and then in another shape. The same constant for the same arguments. */
export function permutedConstant(
  constant: ConstantValue,
  order: readonly number[],
  shape: readonly number[] = order.map((axis) => constant.shape[axis]!),
): ConstantValue {
  const known = permuted.get(constant) ?? new Map<string, ConstantValue>();
  permuted.set(constant, known);
  const key = `${order};${shape}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  let tensor: Tensor | undefined;
  const made: ConstantValue = {
    dtype: constant.dtype,
    shape,
    tensor: () => {
      tensor ??= { ...permuteTensor(constant.tensor(), order), shape };
      return tensor;
    },
  };
  known.set(key, made);
  return made;
}

/** Copies a numeric tensor with its dimensions in another order. */
export function permuteTensor(tensor: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => tensor.shape[axis]!);
  const strides = tensor.shape.map((_, axis) => tensor.shape.slice(axis + 1).reduce((size, next) => size * next, 1));
  const from = tensor.data as NumericArray;
  const to = new (dataTypeInfo(tensor.dtype).array!)(from.length);
  const steps = order.map((axis) => strides[axis]!);
  copy(from as Float32Array, to as Float32Array, shape, steps);
  return { dtype: tensor.dtype, shape, data: to } as Tensor;
}

/** Copies elements that lie `steps` apart, in the order of `shape`. */
function copy(from: Float32Array, to: Float32Array, shape: readonly number[], steps: readonly number[]): void {
  const rank = shape.length;
  const length = shape.at(-1) ?? 1;
  const step = steps.at(-1) ?? 1;
  const index = new Array<number>(rank).fill(0);
  let start = 0;
  for (let at = 0; at < to.length; ) {
    for (let i = 0, position = start; i < length; i++, position += step) to[at++] = from[position]!;
    for (let axis = rank - 2; axis >= 0; axis--) {
      start += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      start -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
