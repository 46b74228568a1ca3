/** How a tensor depends on the rows of a batch. */
import type { GraphNode } from '../../graph/graph.js';
import {
  type Dimension,
  type DimensionSymbol,
  type Dimensions,
  divideDimensions,
  productOf,
  sameDimension,
  symbolDimension,
} from '../dimension.js';
import type { DimensionVector } from '../shape-function.js';

/**
 * - `shared`: it is the same for every row;
 * - `sizes`: it depends on the number of rows, but on no row's values;
 * - `mixed`: rows depend on other rows, or it is not known;
 * - an axis: each row's part is a stretch of this axis and depends on that row alone. The axis has the number of rows as its first
 *   factor.
 */
export type RowState = 'shared' | 'sizes' | 'mixed' | number;

/** What is known about a node for its rule. */
export interface RowContext {
  readonly node: GraphNode;
  readonly batch: DimensionSymbol;
  readonly states: readonly RowState[];
  /** The shape of an input. Negative positions count from the last. */
  shape(input: number): Dimensions;
  numbers(input: number): readonly number[] | undefined;
  vector(input: number): DimensionVector | undefined;
  /** The shape of an output. */
  result(output?: number): Dimensions;
}

/** Returns the state of each output, or of all outputs. Called for nodes that have an input with an axis. */
export type RowRule = (context: RowContext) => RowState | readonly RowState[];

/** Operations with their rules. */
export type RowRules = Readonly<Record<string, RowRule>>;

/** Whether a state is an axis. */
export function isAxis(state: RowState | undefined): state is number {
  return typeof state === 'number';
}

/** Whether the size has the number of rows as a factor. */
export function countsRows(size: Dimension | undefined, batch: DimensionSymbol): boolean {
  return (
    size !== undefined && typeof size !== 'number' && size.symbols.filter((symbol) => symbol === batch).length === 1
  );
}

/** The axis of rows after elements are given another shape in the same order. */
export function axisAfterReshape(from: Dimensions, axis: number, to: Dimensions, batch: DimensionSymbol): RowState {
  if (from === undefined || to === undefined) return 'mixed';
  const before = productOf(from.slice(0, axis));
  for (let i = 0; i < to.length; i++) {
    if (countsRows(to[i], batch) && sameDimension(productOf(to.slice(0, i)), before)) return i;
  }
  return 'mixed';
}

/** The axis where inputs that broadcast have their rows. */
export function broadcastRows(context: RowContext, inputs: readonly number[]): RowState {
  const result = context.result();
  const axes = new Set<number>();
  if (result === undefined) return 'mixed';
  for (const input of inputs) {
    const state = context.states[input]!;
    const rank = context.shape(input)?.length;
    if (state === 'mixed' || state === 'sizes' || rank === undefined) return 'mixed';
    if (isAxis(state)) axes.add(state + result.length - rank);
  }
  const [axis] = axes;
  if (axes.size !== 1 || !countsRows(result[axis!], context.batch)) return 'mixed';
  for (const input of inputs) {
    const shape = context.shape(input)!;
    const size = shape[axis! - (result.length - shape.length)] ?? 1;
    if (!isAxis(context.states[input]) && size !== 1) return 'mixed';
    if (isAxis(context.states[input]) && !sameDimension(size, result[axis!]!)) return 'mixed';
  }
  return axis!;
}

/** Whether the size is exactly the number of rows. */
export function isRowCount(size: Dimension | undefined, batch: DimensionSymbol): boolean {
  return size !== undefined && divideDimensions(size, symbolDimension(batch)) === 1;
}
