/** The largest numbers of each row, and ranks among them. */

import { boolAttribute, intAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { asInt64, asScalar, asVector, joined, shapeOf, sizeOf, sliced, unsqueezed } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { inputRank, inputShape, inputType, inputValues } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

interface Ranked {
  readonly values: OnnxValue;
  /** Int64. */
  readonly positions: OnnxValue;
}

/** Whether each dimension but the last is known, and none is 0. */
const hasRows = (node: GraphNode): boolean =>
  inputShape(node, 0)
    ?.slice(0, -1)
    .every((size) => size > 0) === true;

/**
 * The first `k` of the order along the last axis. The kernel can't survive a tensor without rows: one row is added before it and
 * taken off afterwards, where the number of rows isn't known.
 */
function ranked(
  node: GraphNode,
  value: OnnxValue,
  k: OnnxValue,
  largest: boolean,
  builder: OnnxBuilder,
  context: EmitContext,
): Ranked {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const type = math.kernelType('TopK');
  const attributes = { axis: { int: -1 }, largest: { int: largest ? 1 : 0 }, sorted: { int: 1 } };
  const run = (input: OnnxValue): OnnxValue[] => builder.nodes('TopK', [math.to(type, input), k], 2, attributes);
  if (inputRank(node, 0, context) < 2 || hasRows(node)) {
    const [values, positions] = run(value);
    return { values: math.from(type, values!), positions: positions! };
  }
  const columns = shapeOf(builder, value, -1);
  const rows = builder.node('Reshape', [value, joined(builder, builder.int64s([-1]), columns)]);
  const padding = math.filled(joined(builder, builder.int64s([1]), columns), 0);
  const shape = joined(builder, shapeOf(builder, value, 0, -1), k);
  const [values, positions] = run(builder.node('Concat', [rows, padding], { axis: { int: 0 } }));
  const restore = (result: OnnxValue): OnnxValue =>
    builder.node('Reshape', [sliced(builder, result, 0, 0, -1), shape], { allowzero: { int: 1 } });
  return { values: math.from(type, restore(values!)), positions: restore(positions!) };
}

/** `k`, or the number of columns where there are fewer, which fails the run. */
function guardColumns(
  node: GraphNode,
  value: OnnxValue,
  k: OnnxValue,
  builder: OnnxBuilder,
  context: EmitContext,
): OnnxValue {
  const known = inputShape(node, 0)?.at(-1) ?? -1;
  const wanted = node.inputs[1] && context.constant(node.inputs[1]);
  const count = wanted
    ? Number((wanted.data as ArrayLike<number | bigint>)[0])
    : intAttribute(node.attributes, 'k', -1);
  if (!context.options.guards || (known >= 0 && count >= 0 && count <= known)) return k;
  const columns = shapeOf(builder, value, -1);
  const isEnough = builder.node('Squeeze', [builder.node('LessOrEqual', [k, columns])]);
  const shown = (of: OnnxValue) => ({ value: builder.node('Squeeze', [of]), dtype: 'int64' }) as const;
  builder.guard(isEnough, 'input must have at least k columns. Had ', shown(columns), ', needed ', shown(k));
  return builder.node('Min', [k, columns]);
}

const topK: Emitter = (node, builder, context) => {
  const value = context.value(node.inputs[0]!);
  const wanted = node.inputs[1]
    ? asVector(builder, context.value(node.inputs[1]), inputType(node, 1))
    : builder.int64s([intAttribute(node.attributes, 'k')]);
  const k = guardColumns(node, value, wanted, builder, context);
  const { values, positions } = ranked(node, value, k, true, builder, context);
  return [values, cast(builder, positions, 'int64', node.outputs[1]!.dtype)];
};

const approxTopK: Emitter = (node, builder, context) => {
  const rank = inputRank(node, 0, context);
  const axis = intAttribute(node.attributes, 'reduction_dimension', -1);
  if (!boolAttribute(node.attributes, 'aggregate_to_topk', true))
    context.refuse(node, 'partial results have no ONNX operator');
  if (axis !== -1 && axis !== rank - 1) context.refuse(node, 'only the last dimension has an ONNX operator');
  const k = builder.int64s([intAttribute(node.attributes, 'k')]);
  const isMax = boolAttribute(node.attributes, 'is_max_k', true);
  const { values, positions } = ranked(node, context.value(node.inputs[0]!), k, isMax, builder, context);
  return [values, cast(builder, positions, 'int64', node.outputs[1]!.dtype)];
};

const nthElement: Emitter = (node, builder, context) => {
  const [value, n] = inputValues(node, context);
  const position = asVector(builder, n!, inputType(node, 1));
  const k = builder.node('Add', [position, builder.int64s([1])]);
  const { values } = ranked(node, value!, k, boolAttribute(node.attributes, 'reverse', false), builder, context);
  return [builder.node('Gather', [values, asScalar(builder, n!, inputType(node, 1))], { axis: { int: -1 } })];
};

/** Counts the classes with a higher score. A row with a score that isn't finite, or a target that isn't a class, is not in. */
const inTopK: Emitter = (node, builder, context) => {
  const [scores, targets, kInput] = inputValues(node, context);
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const k = kInput
    ? asScalar(builder, kInput, inputType(node, 2))
    : builder.scalar('int64', intAttribute(node.attributes, 'k'));
  const ids = asInt64(builder, targets!, inputType(node, 1));
  const classes = sizeOf(builder, scores!, 1);
  const [zero, one] = [0, 1].map((value) => builder.scalar('int64', value));
  const isClass = math.and(builder.node('GreaterOrEqual', [ids, zero!]), builder.node('Less', [ids, classes]));
  const known = builder.node('Where', [isClass, ids, zero!]);
  const own = builder.node('GatherElements', [scores!, unsqueezed(builder, known, 1)], { axis: { int: 1 } });
  const axes = builder.int64s([1]);
  const count = (condition: OnnxValue): OnnxValue =>
    builder.node('ReduceSum', [cast(builder, condition, 'bool', 'int64'), axes], { keepdims: { int: 0 } });
  const higher = count(math.test('Greater', [scores!, own]));
  const odd = count(math.or(math.test('IsNaN', [scores!]), math.test('IsInf', [scores!])));
  const isIn = math.and(builder.node('Less', [higher, k]), builder.node('Less', [odd, one!]));
  return [math.and(isIn, isClass)];
};

export const ranks: EmitterTable = {
  TopK: topK,
  TopKV2: topK,
  ApproxTopK: approxTopK,
  NthElement: nthElement,
  InTopK: inTopK,
  InTopKV2: inTopK,
};
