/** Rows and elements by their positions. */

import { intAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { asInt64, shapeOf, sizeOf, unsqueezed } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { constantNumbers, inputRank, inputShape, inputType, inputValues, knownNumbers } from '../node-inputs.js';
import { inputsOfPositions } from '../position-sources.js';
import { guardIndices } from '../positions.js';

/** Checks ids before the run where they come from the request, and otherwise in the graph. */
function checkIds(node: GraphNode, ids: OnnxValue, axis: number, builder: OnnxBuilder, context: EmitContext): void {
  const size = inputShape(node, 0)?.[axis] ?? -1;
  const known = knownNumbers(node, 1, context);
  if (known && size >= 0) {
    const outside = known.find((id) => id < 0 || id >= size);
    if (outside !== undefined) context.refuse(node, `index ${outside} is not in [0, ${size})`);
    return;
  }
  const sources = size >= 0 ? inputsOfPositions(node.inputs[1]!, size) : undefined;
  if (sources?.every((source) => context.restrict(source, size)) === true) return;
  if (!context.options.guards) return;
  const limit = size >= 0 ? builder.scalar('int64', size) : sizeOf(builder, context.value(node.inputs[0]!), axis);
  guardIndices({ builder, context, ids, limit });
}

/** Indices as an integer type that ONNX takes. */
const indexValue = (builder: OnnxBuilder, value: OnnxValue, dtype: string): OnnxValue =>
  dtype === 'int32' || dtype === 'int64' ? value : asInt64(builder, value, dtype as 'int16');

const gather: Emitter = (node, builder, context) => {
  const [params, indices, axisInput] = inputValues(node, context);
  const givenAxis = axisInput === undefined ? 0 : constantNumbers(node, 2, 'axis', context)[0]!;
  const givenBatch = intAttribute(node.attributes, 'batch_dims', 0);
  const axis = givenAxis < 0 ? givenAxis + inputRank(node, 0, context) : givenAxis;
  const batch = givenBatch < 0 ? givenBatch + inputRank(node, 1, context) : givenBatch;
  const dtype = inputType(node, 1);
  checkIds(node, asInt64(builder, indices!, dtype), axis, builder, context);
  if (batch === 0) {
    return [builder.node('Gather', [params!, indexValue(builder, indices!, dtype)], { axis: { int: axis } })];
  }
  return [gatherInBatches(node, params!, asInt64(builder, indices!, dtype), axis, batch, builder, context)];
};

/** The axis moves behind the batch dimensions, rows are gathered, and the dimensions that stood before the axis move back. */
function gatherInBatches(
  node: GraphNode,
  params: OnnxValue,
  indices: OnnxValue,
  axis: number,
  batch: number,
  builder: OnnxBuilder,
  context: EmitContext,
): OnnxValue {
  const rank = inputRank(node, 0, context);
  const span = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const order = [...span(0, batch), axis, ...span(batch, axis), ...span(axis + 1, rank)];
  const moved = axis === batch ? params : builder.node('Transpose', [params], { perm: { ints: order } });
  const rows = builder.node('GatherND', [moved, unsqueezed(builder, indices, -1)], { batch_dims: { int: batch } });
  if (axis === batch) return rows;
  const chosen = inputRank(node, 1, context) - batch;
  const before = axis - batch;
  const back = [
    ...span(0, batch),
    ...span(batch + chosen, batch + chosen + before),
    ...span(batch, batch + chosen),
    ...span(batch + chosen + before, rank - 1 + chosen),
  ];
  return builder.node('Transpose', [rows], { perm: { ints: back } });
}

/** Fails a run in which a row of indices is outside of the shape's first dimensions. */
export function guardRows(
  indices: OnnxValue,
  shape: OnnxValue,
  depth: number,
  text: string,
  builder: OnnxBuilder,
  context: EmitContext,
): void {
  if (!context.options.guards) return;
  const limits = builder.node('Slice', [shape, builder.int64s([0]), builder.int64s([depth])]);
  const isInside = builder.node('And', [
    builder.node('GreaterOrEqual', [indices, builder.scalar('int64', 0)]),
    builder.node('Less', [indices, limits]),
  ]);
  builder.guard(allTrue(builder, isInside), text, { value: shape, dtype: 'int64' });
}

/** How many dimensions a row of indices picks from. */
export function indexDepth(node: GraphNode, index: number, context: EmitContext): number {
  const depth = inputShape(node, index)?.at(-1) ?? -1;
  return depth >= 0 ? depth : context.refuse(node, 'needs a known last dimension of indices');
}

const gatherNd: Emitter = (node, builder, context) => {
  const [params, given] = inputValues(node, context);
  const indices = asInt64(builder, given!, inputType(node, 1));
  const depth = indexDepth(node, 1, context);
  guardRows(indices, shapeOf(builder, params!), depth, 'indices do not index into param shape ', builder, context);
  if (depth > 0) return [builder.node('GatherND', [params!, indices])];
  const shape = builder.node('Concat', [shapeOf(builder, indices, 0, -1), shapeOf(builder, params!)], {
    axis: { int: 0 },
  });
  return [builder.node('Expand', [params!, shape])];
};

export const gathering: EmitterTable = { Gather: gather, GatherV2: gather, GatherNd: gatherNd };
