/** Guards on positions, which ONNX Runtime counts from the back where they are negative. */
import type { EmitContext, OnnxBuilder, OnnxValue } from './emitter.js';
import { allTrue } from './guards.js';

/** Positions along one axis. */
export interface CheckedPositions {
  readonly builder: OnnxBuilder;
  readonly context: EmitContext;
  /** Int64. */
  readonly ids: OnnxValue;
  /** The first position that doesn't exist, an int64 scalar. */
  readonly limit: OnnxValue;
}

/** Fails a run in which a position is outside of its axis, as TensorFlow does. */
export function guardIndices({ builder, context, ids, limit }: CheckedPositions): void {
  if (!context.options.guards) return;
  const isInside = builder.node('And', [
    builder.node('GreaterOrEqual', [ids, builder.scalar('int64', 0)]),
    builder.node('Less', [ids, limit]),
  ]);
  builder.guard(
    allTrue(builder, isInside),
    'indices',
    { value: ids, dtype: 'int64', outside: { min: 0, max: { value: limit } } },
    ' is not in [0, ',
    { value: limit, dtype: 'int64' },
    ')',
  );
}
