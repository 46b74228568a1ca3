/** `RaggedTensorToTensor`. */
import { ServingError } from '@serving/core/portable';
import { elementCount, type Tensor } from '@serving/core/tensor';
import { textsAttribute } from '../../graph/attribute-readers.js';
import { broadcastPositions } from '../elements/broadcast.js';
import { integerOf, integersOf } from '../elements/numbers.js';
import { productOf } from '../elements/strides.js';
import { concatElements, countOf, takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';
import { partitionOfRowIds, partitionOfSplits, type RowPartition, rowSplits } from './row-partitions.js';

/** `RaggedTensorToTensor`: rows are filled with the default, or cut where a shape is given. */
export const raggedToTensorKernel: KernelFactory = ({ attributes }) => {
  const types = textsAttribute(attributes, 'row_partition_types');
  return ([shapeTensor, values, fallback, ...partitionTensors]) => {
    const partitions = partitionsOf(types, partitionTensors);
    const inner = values!.shape.slice(1);
    const sizes = outputShape(shapeTensor!, partitions, inner);
    const width = productOf(inner);
    const places = placesOf(partitions, sizes, countOf(values!) / Math.max(width, 1));
    const source = concatElements([values!, fallback!]);
    const stored = countOf(values!);
    const defaults = broadcastPositions(fallback!.shape, inner);
    const positions = new Int32Array(elementCount(sizes));
    for (let i = 0; i < positions.length; i++) positions[i] = stored + (defaults?.[i % width] ?? i % width);
    for (let value = 0; value < places.length; value++) {
      if (places[value]! < 0) continue;
      for (let k = 0; k < width; k++) positions[places[value]! * width + k] = value * width + k;
    }
    return [takeElements(source, sizes, positions)];
  };
};

function partitionsOf(types: readonly string[], tensors: readonly Tensor[]): RowPartition[] {
  const partitions: RowPartition[] = [];
  let rows = -1;
  for (const [i, type] of types.entries()) {
    if (type === 'FIRST_DIM_SIZE') {
      rows = integerOf(tensors[i]!);
      continue;
    }
    if (type !== 'ROW_SPLITS' && type !== 'VALUE_ROWIDS') {
      throw new ServingError('UNIMPLEMENTED', `row partitions of type ${type} are not supported`);
    }
    const partition =
      type === 'ROW_SPLITS'
        ? partitionOfSplits(rowSplits(tensors[i]!))
        : partitionOfRowIds(integersOf(tensors[i]!), rows);
    partitions.push(partition);
    rows = partition.rowIds.length;
  }
  return partitions;
}

/** Sizes that are not given are those of the widest rows. */
function outputShape(shapeTensor: Tensor, partitions: readonly RowPartition[], inner: readonly number[]): number[] {
  const own = [partitions[0]!.rows, ...partitions.map(({ widest }) => widest), ...inner];
  if (shapeTensor.shape.length === 0) return own;
  const given = integersOf(shapeTensor);
  if (given.length !== own.length) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `shape must have ${own.length} dimensions for a ragged tensor of as many (got ${given.length})`,
    );
  }
  return own.map((size, d) => (given[d]! < 0 || d > partitions.length ? size : given[d]!));
}

/** The row of the result, in its outer dimensions flattened, for each value; -1 for those that are cut off. */
function placesOf(partitions: readonly RowPartition[], sizes: readonly number[], count: number): Int32Array {
  let places = Int32Array.from({ length: partitions[0]!.rows }, (_, row) => (row < sizes[0]! ? row : -1));
  for (const [level, { rowIds }] of partitions.entries()) {
    const size = sizes[level + 1]!;
    const next = new Int32Array(rowIds.length);
    let column = 0;
    for (let i = 0; i < next.length; i++) {
      column = i > 0 && rowIds[i] === rowIds[i - 1] ? column + 1 : 0;
      const row = places[rowIds[i]!]!;
      next[i] = row < 0 || column >= size ? -1 : row * size + column;
    }
    places = next;
  }
  if (places.length !== count) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `A ragged tensor with rows of ${places.length} values has ${count} values`,
    );
  }
  return places;
}
