/** How the values of a ragged tensor belong to rows. */
import { ServingError } from '@serving/core/portable';
import type { Tensor } from '@serving/core/tensor';
import { integersOf } from '../elements/numbers.js';

/**
 * Row splits as numbers, checked against the number of values.
 *
 * @throws ServingError `INVALID_ARGUMENT` for splits that don't start at 0, decrease, or end elsewhere.
 */
export function rowSplits(splitsTensor: Tensor, count?: number): number[] {
  const splits = integersOf(splitsTensor);
  const fail = (reason: string): never => {
    throw new ServingError('INVALID_ARGUMENT', `Invalid row splits: ${reason}`);
  };
  if (splits.length === 0) fail('there must be at least one');
  if (splits[0] !== 0) fail(`the first must be 0 (got ${splits[0]})`);
  for (let i = 1; i < splits.length; i++) {
    if (splits[i]! < splits[i - 1]!) fail(`they must not decrease (got ${splits[i]} after ${splits[i - 1]})`);
  }
  if (count !== undefined && splits.at(-1) !== count) {
    fail(`the last must be the number of values, ${count} (got ${splits.at(-1)})`);
  }
  return splits;
}

/** One dimension of a ragged tensor. */
export interface RowPartition {
  readonly rows: number;
  /** The row of each value, ascending. */
  readonly rowIds: ArrayLike<number>;
  /** The most values that a row has. */
  readonly widest: number;
}

/** The partition that row splits describe. */
export function partitionOfSplits(splits: readonly number[]): RowPartition {
  const rowIds = new Int32Array(splits.at(-1)!);
  let widest = 0;
  for (let row = 0; row + 1 < splits.length; row++) {
    rowIds.fill(row, splits[row]!, splits[row + 1]!);
    widest = Math.max(widest, splits[row + 1]! - splits[row]!);
  }
  return { rows: splits.length - 1, rowIds, widest };
}

/** The partition of values whose rows are given. */
export function partitionOfRowIds(rowIds: readonly number[], rows: number): RowPartition {
  const counts = new Int32Array(rows);
  for (const [i, row] of rowIds.entries()) {
    if (row < 0 || row >= rows || row < (rowIds[i - 1] ?? 0)) {
      throw new ServingError('INVALID_ARGUMENT', `Invalid value row ids: ${row} at ${i}, with ${rows} rows`);
    }
    counts[row]!++;
  }
  return { rows, rowIds, widest: counts.reduce((most, count) => Math.max(most, count), 0) };
}
