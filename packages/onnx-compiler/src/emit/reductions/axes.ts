/** Axes of reductions, and reduced axes brought together. */

import { boolAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { asVector, joined, productOf, shapeOf } from '../dimensions.js';
import type { EmitContext, OnnxAttribute, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, fromFront, inputRank, inputType } from '../node-inputs.js';

/** The axes input of ONNX's reductions. */
export function axesValue(node: GraphNode, builder: OnnxBuilder, context: EmitContext): OnnxValue {
  const tensor = context.constant(node.inputs[1]!);
  if (tensor) return builder.int64s(Array.from(tensor.data as Iterable<number | bigint>, Number));
  return asVector(builder, context.value(node.inputs[1]!), inputType(node, 1));
}

/** No axes reduce nothing in TensorFlow. */
export function reductionAttributes(node: GraphNode): Readonly<Record<string, OnnxAttribute>> {
  return { keepdims: { int: keepsDimensions(node) ? 1 : 0 }, noop_with_empty_axes: { int: 1 } };
}

const keepsDimensions = (node: GraphNode): boolean => boolAttribute(node.attributes, 'keep_dims', false);

/** The constant axes of a reduction, from the front and in order. */
function reducedAxes(node: GraphNode, context: EmitContext): number[] {
  const rank = inputRank(node, 0, context);
  const axes = constantNumbers(node, 1, 'axis', context).map((axis) => fromFront(axis, rank));
  return [...new Set(axes)].sort((a, b) => a - b);
}

/** A value as [kept dimensions …, product of the reduced ones]. */
export interface Gathered {
  readonly value: OnnxValue;
  /** Gives the result's shape to what is left of the last axis: [kept dimensions …]. */
  readonly restore: (result: OnnxValue) => OnnxValue;
}

/** Moves the reduced axes together to the end. */
export function gatherAxes(node: GraphNode, value: OnnxValue, builder: OnnxBuilder, context: EmitContext): Gathered {
  const rank = inputRank(node, 0, context);
  const axes = reducedAxes(node, context);
  const kept = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const isOrdered = order.every((axis, i) => axis === i);
  const moved = isOrdered ? value : builder.node('Transpose', [value], { perm: { ints: order } });
  const count = builder.node('Reshape', [
    productOf(builder, shapeOf(builder, moved, kept.length)),
    builder.int64s([1]),
  ]);
  const shape = kept.length === 0 ? count : joined(builder, shapeOf(builder, moved, 0, kept.length), count);
  return {
    value: builder.node('Reshape', [moved, shape], { allowzero: { int: 1 } }),
    restore: (result) =>
      keepsDimensions(node) && axes.length > 0 ? builder.node('Unsqueeze', [result, builder.int64s(axes)]) : result,
  };
}
