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
  const dimensions = merged(shape, steps);
  const [rows, columns, inner] = [dimensions.at(-3), dimensions.at(-2), dimensions.at(-1)].map(
    (dimension) => dimension ?? { size: 1, step: 0 },
  ) as [Dimension, Dimension, Dimension];
  const outer = dimensions.slice(0, -3);
  const index = outer.map(() => 0);
  let [start, at] = [0, 0];
  while (at < to.length) {
    for (let row = 0; row < rows.size; row++) {
      for (let column = 0; column < columns.size; column++) {
        let position = start + row * rows.step + column * columns.step;
        for (let i = 0; i < inner.size; i++, position += inner.step) to[at++] = from[position]!;
      }
    }
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const { size, step } = outer[axis]!;
      start += step;
      if (++index[axis]! < size) break;
      start -= step * size;
      index[axis] = 0;
    }
  }
}

interface Dimension {
  readonly size: number;
  readonly step: number;
}

/** Dimensions without those of size 1, and neighbours that lie one after the other as one. */
function merged(shape: readonly number[], steps: readonly number[]): Dimension[] {
  const result: Dimension[] = [];
  for (const [i, size] of shape.entries()) {
    const step = steps[i]!;
    const before = result.at(-1);
    if (size === 1) continue;
    if (before?.step === step * size) result[result.length - 1] = { size: before.size * size, step };
    else result.push({ size, step });
  }
  return result;
}
