/** Operations that take some columns of a matrix. */
import { intAttribute } from '../graph/attribute-readers.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { numbersOf, shapeOf } from '../rewrite/graph-view.js';

/** Columns from `begin` up to `end` of a tensor. */
export interface ColumnRange {
  readonly input: Endpoint;
  readonly begin: number;
  readonly end: number;
}

/** The columns that an output of `Split` or `StridedSlice` is; `undefined` for other outputs. */
export function columnRange(node: GraphNode, index: number): ColumnRange | undefined {
  if (node.op === 'Split') return splitColumns(node, index);
  return node.op === 'StridedSlice' ? slicedColumns(node) : undefined;
}

function splitColumns({ inputs: [axis, input], outputs }: GraphNode, index: number): ColumnRange | undefined {
  const width = (input && shapeOf(input)?.at(-1)) ?? -1;
  const at = numbersOf(axis)?.[0];
  if (!input || width < 0 || (at !== 1 && at !== -1)) return undefined;
  const size = width / outputs.length;
  return { input, begin: index * size, end: (index + 1) * size };
}

/** `x[:, begin:end]`. */
function slicedColumns({ inputs: [input, begin, end, step], attributes }: GraphNode): ColumnRange | undefined {
  const width = (input && shapeOf(input)?.at(-1)) ?? -1;
  const [begins, ends, steps] = [begin, end, step].map(numbersOf);
  const masks = ['ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'].map((name) => intAttribute(attributes, name));
  if (!input || width < 0 || !begins || !ends || begins.length !== 2 || steps?.some((each) => each !== 1))
    return undefined;
  const [beginMask, endMask] = [intAttribute(attributes, 'begin_mask'), intAttribute(attributes, 'end_mask')];
  if (masks.some((mask) => mask !== 0) || (beginMask & endMask & 1) === 0) return undefined;
  const place = (value: number): number => (value < 0 ? value + width : Math.min(value, width));
  const from = (beginMask & 2) !== 0 ? 0 : place(begins[1]!);
  const to = (endMask & 2) !== 0 ? width : place(ends[1]!);
  return from < to ? { input, begin: from, end: to } : undefined;
}
