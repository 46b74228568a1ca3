/** Sequences with masked steps: the others are moved to the front, and results back to their steps. */
import type { DataType } from '@serving/core/tensor';
import { onnxDataType } from '../builder/onnx-data-type.js';
import { positions, shapeOf, sizeOf, unsqueezed } from '../dimensions.js';
import type { OnnxBuilder, OnnxValue } from '../emitter.js';

/** A sequence without gaps. */
export interface CompactedSequence {
  readonly sequence: OnnxValue;
  /** The number of steps of each row, int32. */
  readonly lengths: OnnxValue;
  /** Puts results at their steps; masked steps repeat the last result, zeros before the first, or are zeros all. */
  restored(results: OnnxValue, repeats: boolean, dtype: DataType): OnnxValue;
}

/** @param mask booleans [steps, batch, 1], true for steps that count. */
export function compactedSequence(builder: OnnxBuilder, sequence: OnnxValue, mask: OnnxValue): CompactedSequence {
  const counts = builder.node('Squeeze', [mask, builder.int64s([2])]);
  const numbers = builder.node('Cast', [counts], { to: { int: onnxDataType('int64')! } });
  const first = builder.int64s([0]);
  // How many steps count, up to and with each.
  const ranks = builder.node('CumSum', [numbers, builder.scalar('int64', 0)]);
  const steps = sizeOf(builder, counts, 0);
  const grid = shapeOf(builder, counts);
  const places = builder.node('Where', [counts, builder.node('Sub', [ranks, builder.scalar('int64', 1)]), steps]);
  const times = builder.node('Expand', [unsqueezed(builder, positions(builder, steps), 1), grid]);
  const rows = builder.node('Expand', [positions(builder, sizeOf(builder, counts, 1)), grid]);
  // One place more takes the steps that don't count.
  const extended = builder.node('Add', [grid, builder.int64s([1, 0])]);
  const empty = builder.node('Expand', [builder.scalar('int64', 0), extended]);
  const scattered = builder.node('ScatterElements', [empty, places, times], { axis: { int: 0 } });
  const sources = builder.node('Slice', [scattered, first, unsqueezed(builder, steps, 0), first]);
  const taken = (values: OnnxValue, at: OnnxValue): OnnxValue => {
    const pairs = builder.node('Concat', [unsqueezed(builder, at, 2), unsqueezed(builder, rows, 2)], {
      axis: { int: 2 },
    });
    return builder.node('GatherND', [values, pairs]);
  };
  const lengths = builder.node('ReduceSum', [numbers, first], { keepdims: { int: 0 } });
  return {
    sequence: taken(sequence, sources),
    lengths: builder.node('Cast', [lengths], { to: { int: onnxDataType('int32')! } }),
    restored: (results, repeats, dtype) => {
      const last = builder.node('Max', [
        builder.node('Sub', [ranks, builder.scalar('int64', 1)]),
        builder.scalar('int64', 0),
      ]);
      const shown = repeats ? builder.node('Greater', [ranks, builder.scalar('int64', 0)]) : counts;
      const values = taken(results, last);
      return builder.node('Where', [unsqueezed(builder, shown, 2), values, builder.scalar(dtype, 0)]);
    },
  };
}
