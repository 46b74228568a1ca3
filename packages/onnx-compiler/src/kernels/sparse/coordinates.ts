/** Sparse tensors by their parts. */
import { ServingError } from '@serving/core/portable';
import { elementCount, type Tensor } from '@serving/core/tensor';
import { integersOf, integerTensor } from '../elements/numbers.js';
import { rowMajorStrides } from '../elements/strides.js';

/** Where the values of a sparse tensor are. */
export interface Coordinates {
  readonly rank: number;
  readonly count: number;
  /** `rank` numbers for each value. */
  readonly indices: readonly number[];
  readonly shape: readonly number[];
}

/** The coordinates of indices and a dense shape. */
export function coordinatesOf(indicesTensor: Tensor, shapeTensor: Tensor): Coordinates {
  const shape = integersOf(shapeTensor);
  const [count = 0, rank = 1] = indicesTensor.shape;
  if (indicesTensor.shape.length !== 2 || rank !== shape.length) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `indices must be a matrix with ${shape.length} columns (got shape [${indicesTensor.shape}])`,
    );
  }
  return { rank, count, indices: integersOf(indicesTensor), shape };
}

/** The index of one value. */
export function indexOfValue({ rank, indices }: Coordinates, i: number): number[] {
  return indices.slice(i * rank, (i + 1) * rank);
}

/** The place of each value in the dense tensor of `shape`; an index outside is an error with `message`. */
export function densePlaces(
  coordinates: Coordinates,
  message: (i: number, index: readonly number[]) => string,
): Int32Array {
  const { rank, count, indices, shape } = coordinates;
  elementCount(shape);
  const strides = rowMajorStrides(shape);
  const places = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < rank; d++) {
      const value = indices[i * rank + d]!;
      if (value < 0 || value >= shape[d]!) {
        throw new ServingError('INVALID_ARGUMENT', message(i, indexOfValue(coordinates, i)));
      }
      places[i] = places[i]! + value * strides[d]!;
    }
  }
  return places;
}

/** Indices of values as a tensor. */
export function indexTensor(rank: number, indices: readonly number[]): Tensor {
  return integerTensor('int64', [rank === 0 ? 0 : indices.length / rank, rank], indices);
}
