/** TensorFlow's broadcasting. */
import { ServingError } from '@serving/core/portable';
import { rowMajorStrides, stridedPositions } from './strides.js';

/**
 * The shape to which both broadcast.
 *
 * @throws ServingError `INVALID_ARGUMENT` when they don't.
 */
export function broadcastShapes(a: readonly number[], b: readonly number[]): readonly number[] {
  const shape = tryBroadcastShapes(a, b);
  if (shape !== undefined) return shape;
  throw new ServingError('INVALID_ARGUMENT', `Incompatible shapes: [${a}] vs. [${b}]`);
}

/** As {@link broadcastShapes}, but `undefined` where they don't broadcast. */
export function tryBroadcastShapes(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let d = 0; d < rank; d++) {
    const x = a[d - rank + a.length] ?? 1;
    const y = b[d - rank + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    shape.push(x === 1 ? y : x);
  }
  return shape;
}

/** For each element of the wider shape the position of the element of `shape` that stands there; `undefined` where both are the same. */
export function broadcastPositions(shape: readonly number[], wider: readonly number[]): Int32Array | undefined {
  if (shape.length === wider.length && shape.every((size, d) => size === wider[d])) return undefined;
  const strides = rowMajorStrides(shape);
  const missing = wider.length - shape.length;
  return stridedPositions(
    wider,
    wider.map((_, d) => (d < missing || shape[d - missing] === 1 ? 0 : strides[d - missing]!)),
  );
}
