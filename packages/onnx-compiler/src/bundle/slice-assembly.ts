/** Puts a tensor together from stored slices of it. */
import { ServingError } from '@serving/core';
import {
  type DataType,
  dataTypeInfo,
  elementCount,
  isTensorDataType,
  type NumericArray,
  type Tensor,
} from '@serving/core/tensor';
import type { TensorSlice } from './tensor-slice.js';

/** A slice with its values. */
export interface StoredSlice {
  readonly slice: TensorSlice;
  readonly tensor: Tensor;
}

/**
 * Copies what the stored slices hold of the wanted one.
 *
 * @throws ServingError `DATA_LOSS` when they don't cover it, `UNIMPLEMENTED` for strings.
 */
export function assembleSlices(dtype: DataType, wanted: TensorSlice, stored: readonly StoredSlice[]): Tensor {
  if (dtype === 'string' || !isTensorDataType(dtype)) {
    throw new ServingError('UNIMPLEMENTED', `Partitioned variables of type ${dtype} are not supported`);
  }
  const { width, array } = dataTypeInfo(dtype);
  const shape = wanted.extents.map(({ length }) => length);
  const count = elementCount(shape);
  const data = new array!(count * width);
  let copied = 0;
  for (const { slice, tensor } of stored)
    copied += copyOverlap(data, wanted, tensor.data as NumericArray, slice, width);
  // Slices of a checkpoint don't overlap.
  if (copied !== count)
    throw new ServingError('DATA_LOSS', `The slices of a variable cover ${copied} of ${count} elements`);
  return { dtype, shape, data } as Tensor;
}

/** Copies row by row along the last dimension; returns the number of elements. */
function copyOverlap(
  target: NumericArray,
  wanted: TensorSlice,
  source: NumericArray,
  stored: TensorSlice,
  width: number,
): number {
  const begin = wanted.extents.map(({ start }, i) => Math.max(start, stored.extents[i]!.start));
  const size = wanted.extents.map(({ start, length }, i) => {
    const other = stored.extents[i]!;
    return Math.min(start + length, other.start + other.length) - begin[i]!;
  });
  if (size.some((length) => length <= 0)) return 0;
  const rank = size.length;
  const run = rank === 0 ? 1 : size[rank - 1]!;
  const rows = size.slice(0, -1).reduce((product, length) => product * length, 1);
  const position = begin.slice();
  for (let row = 0; row < rows; row++) {
    const from = offsetIn(stored, position) * width;
    target.set(source.subarray(from, from + run * width) as never, offsetIn(wanted, position) * width);
    for (let d = rank - 2; d >= 0; d--) {
      position[d]!++;
      if (position[d]! < begin[d]! + size[d]!) break;
      position[d] = begin[d]!;
    }
  }
  return rows * run;
}

function offsetIn({ extents }: TensorSlice, position: readonly number[]): number {
  return extents.reduce((offset, { start, length }, d) => offset * length + position[d]! - start, 0);
}
