/** Distinct values, counts and bins. */

import { boolAttribute, floatsAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { asInt64, asScalar, asVector, joined, positions, shapeOf, sliced, unsqueezed } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { constantNumbers, inputRank, inputShape, inputType, inputValues, knownNumbers } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

const FLOATS: ReadonlySet<string> = new Set(['float', 'double', 'half', 'bfloat16']);
/** More comparisons than this for one search are refused. */
const MAX_PAIRS = 1e7;

/** In the order of appearance. */
const unique: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const type = math.kernelType('Unique');
  const value = context.value(node.inputs[0]!);
  const axis = node.inputs[1] && constantNumbers(node, 1, 'axis', context)[0];
  if (FLOATS.has(math.dtype)) {
    builder.guard(allTrue(builder, math.not(math.test('IsNaN', [value]))), `${node.op} of NaN is not supported`);
  }
  const attributes = { sorted: { int: 0 }, ...(axis !== undefined && { axis: { int: axis } }) };
  const [distinct, , inverse, counts] = builder.nodes('Unique', [math.to(type, value)], 4, attributes);
  const indexType = node.outputs[1]!.dtype;
  const index = (of: OnnxValue): OnnxValue => cast(builder, of, 'int64', indexType);
  const results = [math.from(type, distinct!), index(inverse!), index(counts!)];
  return results.slice(0, node.outputs.length);
};

/** Counts of each id below `size`, of one row or of each of several. Ids from `size` on count in a column that is cut off. */
function countIds(
  math: TypedMath,
  ids: OnnxValue,
  size: OnnxValue,
  weights: OnnxValue | undefined,
  options: { hasRows: boolean; isBinary: boolean },
): OnnxValue {
  const { builder } = math;
  const one = builder.int64s([1]);
  const width = builder.node('Add', [size, one]);
  const inside = builder.node('Min', [builder.node('Max', [ids, builder.scalar('int64', 0)]), size]);
  const rows = options.hasRows ? shapeOf(builder, ids, 0, 1) : one;
  const firstOfRow = builder.node('Mul', [positions(builder, builder.node('Squeeze', [rows])), width]);
  const places = options.hasRows ? builder.node('Add', [inside, unsqueezed(builder, firstOfRow, 1)]) : inside;
  const flat = builder.int64s([-1]);
  const places1d = builder.node('Reshape', [places, flat]);
  const sums = math.in(math.dtype === 'half' || math.dtype === 'bfloat16' ? 'float' : math.dtype);
  const added = weights
    ? math.to(sums.dtype, builder.node('Reshape', [weights, flat]))
    : sums.filled(shapeOf(builder, places1d), 1);
  const base = sums.filled(builder.node('Mul', [rows, width]), 0);
  const attributes = { axis: { int: 0 }, ...(!options.isBinary && { reduction: { string: 'add' } }) };
  const counted = sums.builder.node('ScatterElements', [base, places1d, added], attributes);
  const shape = options.hasRows ? joined(builder, rows, width) : width;
  const table = builder.node('Reshape', [counted, shape], { allowzero: { int: 1 } });
  return math.from(sums.dtype, sliced(builder, table, options.hasRows ? 1 : 0, 0, -1));
}

/** Whether weights are given: a tensor without elements stands for none. */
function hasWeights(node: GraphNode, context: EmitContext): boolean {
  const shape = inputShape(node, 2);
  if (shape?.includes(0)) return false;
  if (shape === undefined || shape.includes(-1)) context.refuse(node, 'needs weights of a known shape');
  return true;
}

function guardNotNegative(ids: OnnxValue, builder: OnnxBuilder, context: EmitContext): void {
  if (!context.options.guards) return;
  const isValid = builder.node('GreaterOrEqual', [ids, builder.scalar('int64', 0)]);
  builder.guard(allTrue(builder, isValid), 'Input arr must be non-negative!');
}

const bincount: Emitter = (node, builder, context) => {
  const [input, size, weights] = inputValues(node, context);
  const math = new TypedMath(node, builder, context, node.outputs[0]!.dtype);
  const ids = asInt64(builder, input!, inputType(node, 0));
  guardNotNegative(ids, builder, context);
  const options = {
    hasRows: node.op === 'DenseBincount' && inputRank(node, 0, context) === 2,
    isBinary: boolAttribute(node.attributes, 'binary_output', false),
  };
  const given = hasWeights(node, context) && !options.isBinary ? weights : undefined;
  return [countIds(math, ids, asVector(builder, size!, inputType(node, 1)), given, options)];
};

/** NaN is above every boundary. */
const bucketize: Emitter = (node, builder, context) => {
  const dtype = inputType(node, 0);
  const math = new TypedMath(node, builder, context, dtype === 'double' ? 'double' : 'float');
  const boundaries = floatsAttribute(node.attributes, 'boundaries', []);
  const value = cast(builder, context.value(node.inputs[0]!), dtype, math.dtype);
  const limits = math.dtype === 'double' ? Float64Array.from(boundaries) : Float32Array.from(boundaries);
  const row = builder.constant({ dtype: math.dtype, shape: [limits.length], data: limits } as never);
  const isBelow = math.less(unsqueezed(builder, value, -1), row);
  const passed = cast(builder, math.not(isBelow), 'bool', 'int32');
  return [builder.node('ReduceSum', [passed, builder.int64s([-1])], { keepdims: { int: 0 } })];
};

const bound =
  (isUpper: boolean): Emitter =>
  (node, builder, context) => {
    const [sorted, values] = inputValues(node, context);
    const sizes = [inputShape(node, 0), inputShape(node, 1)].map((shape) => shape?.at(-1) ?? -1);
    if (sizes[0]! > 0 && sizes[1]! > 0 && sizes[0]! * sizes[1]! > MAX_PAIRS) {
      context.refuse(node, `more than ${MAX_PAIRS} comparisons for a row`);
    }
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const row = unsqueezed(builder, sorted!, 1);
    const wanted = unsqueezed(builder, values!, 2);
    const isBefore = isUpper ? math.not(math.less(wanted, row)) : math.less(row, wanted);
    const outType = node.outputs[0]!.dtype;
    const counted = cast(builder, isBefore, 'bool', outType);
    return [builder.node('ReduceSum', [counted, builder.int64s([2])], { keepdims: { int: 0 } })];
  };

/** The bins are computed in double, as TensorFlow does. */
const histogram: Emitter = (node, builder, context) => {
  const [values, range, bins] = inputValues(node, context);
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const exact = math.in('double');
  const known = knownNumbers(node, 1, context);
  if (!known || !(known[0]! < known[1]!)) context.refuse(node, 'needs a constant value_range (ascending)');
  const count = asVector(builder, bins!, inputType(node, 2));
  const binCount = cast(builder, asScalar(builder, bins!, inputType(node, 2)), 'int64', 'double');
  const end = (index: number): OnnxValue => builder.node('Gather', [range!, builder.scalar('int64', index)]);
  const span = math.to('double', math.sub(end(1), end(0)));
  const step = exact.div(span, binCount);
  const distance = math.to('double', math.sub(math.max(values!, end(0)), end(0)));
  const bin = exact.min(exact.div(distance, step), exact.sub(binCount, exact.scalar(1)));
  const flat = builder.node('Reshape', [cast(builder, bin, 'double', 'int64'), builder.int64s([-1])]);
  const counter = math.in(node.outputs[0]!.dtype);
  return [countIds(counter, flat, count, undefined, { hasRows: false, isBinary: false })];
};

export const counting: EmitterTable = {
  Unique: unique,
  UniqueV2: unique,
  UniqueWithCounts: unique,
  UniqueWithCountsV2: unique,
  Bincount: bincount,
  DenseBincount: bincount,
  Bucketize: bucketize,
  LowerBound: bound(false),
  UpperBound: bound(true),
  HistogramFixedWidth: histogram,
};
