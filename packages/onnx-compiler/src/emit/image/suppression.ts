/** Non-maximum suppression. */
import { boolAttribute, floatAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, inputShape, inputType } from '../node-inputs.js';
import { cast } from '../typed-math.js';

const LOWEST = -Infinity;

/** Scores without NaN, which TensorFlow never selects. */
function ordered(builder: OnnxBuilder, scores: OnnxValue): OnnxValue {
  return builder.node('Where', [builder.node('IsNaN', [scores]), builder.scalar('float', LOWEST), scores]);
}

/** A float input of any shape as a scalar of float32, or a constant in its place. */
function limit(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  input: number,
  otherwise: number,
): OnnxValue {
  if (node.inputs.length <= input) return builder.scalar('float', otherwise);
  const value = cast(builder, context.value(node.inputs[input]!), inputType(node, input), 'float');
  return builder.node('Reshape', [value, builder.int64s([])]);
}

/** Indices of the boxes that remain, best first, as int64. */
function selected(node: GraphNode, builder: OnnxBuilder, context: EmitContext): OnnxValue {
  const float = (input: number) => cast(builder, context.value(node.inputs[input]!), inputType(node, input), 'float');
  const boxes = builder.node('Unsqueeze', [float(0), builder.int64s([0])]);
  const scores = builder.node('Unsqueeze', [ordered(builder, float(1)), builder.int64s([0, 1])]);
  const most = cast(builder, context.value(node.inputs[2]!), 'int32', 'int64');
  const count = builder.node('Max', [builder.node('Reshape', [most, builder.int64s([])]), builder.scalar('int64', 0)]);
  const isPlain = node.op === 'NonMaxSuppression';
  const overlap = isPlain
    ? builder.scalar('float', floatAttribute(node.attributes, 'iou_threshold', 0.5))
    : limit(node, builder, context, 3, 0.5);
  const inputs = [boxes, scores, count, overlap];
  const found = builder.node('NonMaxSuppression', [...inputs, limit(node, builder, context, 4, LOWEST)]);
  return builder.node('Gather', [found, builder.scalar('int64', 2)], { axis: { int: 1 } });
}

/** Adds zeros up to the number that is asked for. */
function padded(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  values: OnnxValue,
  zero: OnnxValue,
): OnnxValue {
  if (!boolAttribute(node.attributes, 'pad_to_max_output_size', false)) return values;
  const most = cast(builder, context.value(node.inputs[2]!), 'int32', 'int64');
  const size = builder.node('Reshape', [most, builder.int64s([1])]);
  const missing = builder.node('Sub', [size, builder.node('Shape', [values])]);
  return builder.node('Concat', [values, builder.node('Expand', [zero, missing])], { axis: { int: 0 } });
}

const suppression: Emitter = (node, builder, context) => {
  const indices = selected(node, builder, context);
  const count = cast(builder, builder.node('Squeeze', [builder.node('Shape', [indices])]), 'int64', 'int32');
  const result = padded(node, builder, context, indices, builder.int64s([0]));
  const rows = cast(builder, result, 'int64', 'int32');
  if (node.op !== 'NonMaxSuppressionV5') return [rows, count].slice(0, node.outputs.length);
  const sigma = node.inputs[5]?.node.constant?.tensor();
  if (sigma === undefined || Number(sigma.data[0 as never]) !== 0)
    context.refuse(node, 'no kernel with soft suppression');
  const type = inputType(node, 1);
  const scores = builder.node('Gather', [context.value(node.inputs[1]!), indices]);
  const zero = builder.node('Unsqueeze', [builder.scalar(type, 0), builder.int64s([0])]);
  return [rows, padded(node, builder, context, scores, zero), count];
};

/** What every class and row of `CombinedNonMaxSuppression` needs. */
interface Combined {
  readonly perClass: number;
  readonly total: number;
}

const combined: Emitter = (node, builder, context) => {
  const scoreShape = inputShape(node, 1);
  const boxClasses = inputShape(node, 0)?.[2];
  const classes = scoreShape?.[2] ?? -1;
  if (classes < 0 || boxClasses !== 1) context.refuse(node, 'needs a known number of classes that share their boxes');
  const [perClass, most] = [2, 3].map((input) => constantNumbers(node, input, 'size', context)[0]!) as [number, number];
  const isPerClass = boolAttribute(node.attributes, 'pad_per_class', false);
  const sizes: Combined = { perClass, total: isPerClass ? Math.min(most, perClass * classes) : most };
  if (sizes.total < 1) context.refuse(node, `needs a positive size (got ${sizes.total})`);
  const boxes = builder.node('Squeeze', [context.value(node.inputs[0]!), builder.int64s([2])]);
  const byClass = builder.node('Transpose', [ordered(builder, context.value(node.inputs[1]!))], {
    perm: { ints: [0, 2, 1] },
  });
  const flat = keptScores(node, builder, context, boxes, byClass, sizes);
  return bestOf(node, builder, boxes, flat, byClass, sizes);
};

/** Scores `[rows, classes · boxes]` of those that remain, −∞ elsewhere, with room for as many as are asked for. */
function keptScores(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  boxes: OnnxValue,
  byClass: OnnxValue,
  { perClass, total }: Combined,
): OnnxValue {
  const inputs = [boxes, byClass, builder.scalar('int64', perClass)];
  const limits = [limit(node, builder, context, 4, 0.5), limit(node, builder, context, 5, LOWEST)];
  const found = builder.node('NonMaxSuppression', [...inputs, ...limits]);
  const lowest = builder.constant({ dtype: 'float', shape: [1], data: Float32Array.of(LOWEST) });
  const nothing = builder.node('Expand', [lowest, builder.node('Shape', [byClass])]);
  const kept = builder.node('ScatterND', [nothing, found, builder.node('GatherND', [byClass, found])]);
  const flat = builder.node('Reshape', [kept, builder.int64s([0, -1])]);
  return builder.node('Pad', [flat, builder.int64s([0, 0, 0, total]), builder.scalar('float', LOWEST)]);
}

function bestOf(
  node: GraphNode,
  builder: OnnxBuilder,
  boxes: OnnxValue,
  flat: OnnxValue,
  byClass: OnnxValue,
  { total }: Combined,
): OnnxValue[] {
  const [scores, places] = builder.nodes('TopK', [flat, builder.int64s([total])], 2, { axis: { int: -1 } });
  const isFound = builder.node('Greater', [scores!, builder.scalar('float', LOWEST)]);
  const boxCount = builder.node('Shape', [byClass], { start: { int: 2 }, end: { int: 3 } });
  const perBox = builder.node('Max', [boxCount, builder.int64s([1])]);
  const known = builder.node('Where', [isFound, places!, builder.scalar('int64', 0)]);
  const ofClass = cast(builder, builder.node('Div', [known, perBox]), 'int64', 'float');
  const ofBox = builder.node('Unsqueeze', [builder.node('Mod', [known, perBox]), builder.int64s([2])]);
  // One more box, so that there is one where none is given.
  const some = builder.node('Pad', [boxes, builder.int64s([0, 0, 0, 0, 1, 0])]);
  const gathered = builder.node('GatherND', [some, ofBox], { batch_dims: { int: 1 } });
  const clipped = boolAttribute(node.attributes, 'clip_boxes', true)
    ? builder.node('Clip', [gathered, builder.scalar('float', 0), builder.scalar('float', 1)])
    : gathered;
  const zero = builder.scalar('float', 0);
  const isFoundBox = builder.node('Unsqueeze', [isFound, builder.int64s([2])]);
  const counted = builder.node('ReduceSum', [cast(builder, isFound, 'bool', 'int32'), builder.int64s([1])], {
    keepdims: { int: 0 },
  });
  return [
    builder.node('Where', [isFoundBox, clipped, zero]),
    builder.node('Where', [isFound, scores!, zero]),
    builder.node('Where', [isFound, ofClass, zero]),
    counted,
  ];
}

/** Emitters of non-maximum suppression. */
export const suppressions: EmitterTable = {
  NonMaxSuppression: suppression,
  NonMaxSuppressionV2: suppression,
  NonMaxSuppressionV3: suppression,
  NonMaxSuppressionV4: suppression,
  NonMaxSuppressionV5: suppression,
  CombinedNonMaxSuppression: combined,
};
