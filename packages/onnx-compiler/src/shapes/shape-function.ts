/** How the shapes of an operation's outputs follow from its inputs. */
import type { GraphNode } from '../graph/graph.js';
import { type Dimension, type Dimensions, mayBeZero, sameDimension } from './dimension.js';

/** Elements of a small integer tensor in row-major order; `undefined` where one is unknown. */
export type DimensionVector = readonly (Dimension | undefined)[];

/** What is known about the node's inputs. */
export interface ShapeContext {
  readonly node: GraphNode;
  readonly inputCount: number;
  /** The shape of an input. Negative positions count from the last. */
  shape(input: number): Dimensions;
  /** The elements of an input that holds sizes or axes. */
  vector(input: number): DimensionVector | undefined;
  /** The elements where all are numbers. */
  numbers(input: number): readonly number[] | undefined;
  /** A size of its own for a dimension of an output; the same for each call. */
  unknown(output: number, dimension: number, mayBeZero?: boolean): Dimension;
}

/**
 * Returns the shape of each output, `undefined` where the rank is unknown. Trailing outputs may be left out. A shape in the file
 * fills in what is unknown.
 */
export type ShapeFunction = (context: ShapeContext) => readonly Dimensions[];

/** Operations with their shape functions. */
export type ShapeFunctions = Readonly<Record<string, ShapeFunction>>;

/** One function for several operations. */
export function forAll(ops: readonly string[], shapes: ShapeFunction): ShapeFunctions {
  return Object.fromEntries(ops.map((op) => [op, shapes]));
}

/** Each output has the shape of an input. */
export const sameAs =
  (input = 0): ShapeFunction =>
  (context) =>
    context.node.outputs.map(() => context.shape(input));

/** A scalar for each output. */
export const scalars: ShapeFunction = ({ node }) => node.outputs.map(() => []);

/** The shape that broadcasting gives. Sizes of its own for `output` stand for those that are not known. */
export function broadcastShapes(context: ShapeContext, shapes: readonly Dimensions[], output = 0): Dimensions {
  let result: readonly Dimension[] = [];
  for (const shape of shapes) {
    if (shape === undefined) return undefined;
    const rank = Math.max(result.length, shape.length);
    const before = result;
    result = Array.from({ length: rank }, (_, i) => {
      const a = before[i - (rank - before.length)] ?? 1;
      const b = shape[i - (rank - shape.length)] ?? 1;
      if (a === 1 || sameDimension(a, b)) return b;
      if (b === 1 || typeof a === 'number') return a;
      if (typeof b === 'number') return b;
      return context.unknown(output, i, mayBeZero(a) || mayBeZero(b));
    });
  }
  return result;
}

/** The axis from 0 for one that may count from the last; `undefined` when it is out of range. */
export function positiveAxis(axis: number | undefined, rank: number): number | undefined {
  if (axis === undefined || axis < -rank || axis >= rank) return undefined;
  return axis < 0 ? axis + rank : axis;
}

/** Sizes of their own for every dimension of an output. */
export function unknownDimensions(context: ShapeContext, output: number, rank: number): Dimension[] {
  return Array.from({ length: rank }, (_, i) => context.unknown(output, i));
}
