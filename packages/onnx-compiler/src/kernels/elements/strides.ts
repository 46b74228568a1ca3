/** Positions of elements in row-major order. */
import { elementCount } from '@serving/core/tensor';

/** The distance between neighbours along each dimension of a row-major tensor. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d]!;
  }
  return strides;
}

/**
 * The position of each element of a strided view, in the view's row-major order: `offset` plus the sum of index times stride.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a shape with too many elements.
 */
export function stridedPositions(shape: readonly number[], strides: readonly number[], offset = 0): Int32Array {
  const count = elementCount(shape);
  const positions = new Int32Array(count);
  if (count === 0) return positions;
  positions[0] = offset;
  let filled = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    const block = filled;
    for (let i = 1; i < shape[d]!; i++) {
      const step = i * strides[d]!;
      for (let k = 0; k < block; k++) positions[filled++] = positions[k]! + step;
    }
  }
  return positions;
}

/** The index along each dimension of the element at a position. */
export function indexAt(shape: readonly number[], position: number): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let d = shape.length - 1; d >= 0; d--) {
    index[d] = rest % shape[d]!;
    rest = Math.floor(rest / shape[d]!);
  }
  return index;
}

/** The product of the sizes from dimension `begin` to `end` (not included). */
export function productOf(shape: readonly number[], begin = 0, end: number = shape.length): number {
  let product = 1;
  for (let d = begin; d < end; d++) product *= shape[d]!;
  return product;
}
