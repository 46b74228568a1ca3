/** Sizes of dimensions at compile time: numbers, and products of symbols. */
import type { GraphNode } from '../graph/graph.js';

/** The dimension of an input that has a size. */
export interface SymbolOrigin {
  readonly node: GraphNode;
  readonly dimension: number;
}

/** An unknown size. Two dimensions are known to be equal when they are made of the same symbols. */
export interface DimensionSymbol {
  readonly id: number;
  readonly name: string;
  /** Whether values decide the size, so that it may be 0 in a request without empty inputs. */
  readonly mayBeZero: boolean;
  /** For sizes of the signature's inputs. */
  readonly origin?: SymbolOrigin;
}

/** A coefficient times symbols, in the order of their ids. */
export interface SymbolicDimension {
  readonly coefficient: number;
  readonly symbols: readonly DimensionSymbol[];
}

/** A size: a number where it is known. */
export type Dimension = number | SymbolicDimension;

/** The sizes of a tensor; `undefined` for an unknown rank. */
export type Dimensions = readonly Dimension[] | undefined;

/** Whether two sizes are equal in every request. */
export function sameDimension(a: Dimension, b: Dimension): boolean {
  if (a === b) return true;
  if (typeof a === 'number' || typeof b === 'number') return false;
  return (
    a.coefficient === b.coefficient &&
    a.symbols.length === b.symbols.length &&
    a.symbols.every((symbol, i) => symbol === b.symbols[i])
  );
}

/** Returns the dimension of one symbol. */
export function symbolDimension(symbol: DimensionSymbol): SymbolicDimension {
  return { coefficient: 1, symbols: [symbol] };
}

const parts = (dimension: Dimension): SymbolicDimension =>
  typeof dimension === 'number' ? { coefficient: dimension, symbols: [] } : dimension;

const whole = (coefficient: number, symbols: readonly DimensionSymbol[]): Dimension =>
  symbols.length === 0 || coefficient === 0 ? coefficient : { coefficient, symbols };

/** Multiplies two sizes. */
export function multiplyDimensions(a: Dimension, b: Dimension): Dimension {
  const [left, right] = [parts(a), parts(b)];
  const symbols = [...left.symbols, ...right.symbols].sort((x, y) => x.id - y.id);
  return whole(left.coefficient * right.coefficient, symbols);
}

/** Multiplies sizes; 1 for none. */
export function productOf(dimensions: readonly Dimension[]): Dimension {
  return dimensions.reduce(multiplyDimensions, 1);
}

/** Divides where no remainder is possible in any request; otherwise returns `undefined`. */
export function divideDimensions(a: Dimension, b: Dimension): Dimension | undefined {
  const [left, right] = [parts(a), parts(b)];
  if (right.coefficient === 0 || left.coefficient % right.coefficient !== 0) return undefined;
  const symbols = [...left.symbols];
  for (const symbol of right.symbols) {
    const at = symbols.indexOf(symbol);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  return whole(left.coefficient / right.coefficient, symbols);
}

/** Whether a size may be 0 in a request without empty inputs. */
export function mayBeZero(dimension: Dimension): boolean {
  return typeof dimension === 'number' ? dimension === 0 : dimension.symbols.some((symbol) => symbol.mayBeZero);
}

/** The size as shapes of a graph write it: `-1` for a symbol. */
export function sizeOf(dimension: Dimension): number {
  return typeof dimension === 'number' ? dimension : -1;
}
