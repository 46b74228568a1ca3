/** Padding of tensors that differ in a dimension other than the first, so that they can be merged. */
import { dataTypeInfo, type NumericArray } from '../tensor/data-type.js';
import { StringArray } from '../tensor/string-array.js';
import type { Tensor } from '../tensor/tensor.js';
import { elementCount } from '../tensor/tensor-shape.js';

/** The largest size of each dimension but the first; `undefined` when all tensors agree. They have one rank. */
export function largestRowShape(tensors: readonly Tensor[]): number[] | undefined {
  const largest = tensors[0]!.shape.slice(1);
  let differ = false;
  for (const { shape } of tensors) {
    for (let i = 0; i < largest.length; i++) {
      const size = shape[i + 1]!;
      if (size === largest[i]) continue;
      differ = true;
      if (size > largest[i]!) largest[i] = size;
    }
  }
  return differ ? largest : undefined;
}

/**
 * The tensor with rows of this shape, each dimension padded at its end with copies of the tensor's own first element, as
 * TensorFlow Serving does. It has at least one element, and no dimension is larger than asked for.
 */
export function padRows(tensor: Tensor, rowShape: readonly number[]): Tensor {
  const { dtype, shape, data } = tensor;
  if (rowShape.every((size, i) => size === shape[i + 1])) return tensor;
  const padded = [shape[0]!, ...rowShape];
  const sources = sourceIndices(shape, padded);
  if (dtype === 'string') {
    return { dtype, shape: padded, data: StringArray.from(Array.from(sources, (index) => data.at(index))) };
  }
  const { array, width } = dataTypeInfo(dtype);
  const result: NumericArray = new array!(sources.length * width);
  for (let i = 0; i < sources.length; i++) {
    for (let part = 0; part < width; part++) result[i * width + part] = data[sources[i]! * width + part]!;
  }
  return { dtype, shape: padded, data: result } as Tensor;
}

/** For each element of the padded tensor the element it is a copy of: 0, the first, outside the original. */
function sourceIndices(shape: readonly number[], padded: readonly number[]): Uint32Array {
  const indices = new Uint32Array(elementCount(padded));
  const lastSize = shape.at(-1)!;
  const paddedLastSize = padded.at(-1)!;
  const position = shape.map(() => 0);
  const lines = elementCount(shape) / lastSize;
  for (let line = 0; line < lines; line++) {
    let target = 0;
    for (let i = 0; i < shape.length - 1; i++) target = target * padded[i]! + position[i]!;
    target *= paddedLastSize;
    for (let i = 0; i < lastSize; i++) indices[target + i] = line * lastSize + i;
    for (let i = shape.length - 2; i >= 0; i--) {
      if (++position[i]! < shape[i]!) break;
      position[i] = 0;
    }
  }
  return indices;
}
