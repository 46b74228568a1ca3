/** Sums, products, means, extremes and logic along axes. */
import type { DataType } from '@serving/core/tensor';
import type { GraphNode } from '../../graph/graph.js';
import { productOf, shapeOf } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, fromFront, inputShape, inputType, inputValues, knownNumbers } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';
import { axesValue, gatherAxes, reductionAttributes } from './axes.js';

type Reduction = (math: TypedMath, value: OnnxValue, node: GraphNode, context: EmitContext) => OnnxValue;

const FLOATS: ReadonlySet<string> = new Set(['float', 'double', 'half', 'bfloat16']);
/** Sums of so few bits stay exact in int64, whose sums go through double. */
const NARROW: ReadonlySet<string> = new Set(['int8', 'uint8', 'int16', 'uint16']);
/** Vectors up to this length are multiplied one by one. */
const MAX_UNROLLED = 16;

const reduction =
  (write: Reduction): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    return [write(math, context.value(node.inputs[0]!), node, context)];
  };

/** ONNX's own reduction. */
const reduce =
  (operator: string): Reduction =>
  (math, value, node, context) =>
    math.move(operator, value, [axesValue(node, math.builder, context)], reductionAttributes(node));

const byType =
  (float: Reduction, integer: Reduction): Reduction =>
  (math, ...of) =>
    (FLOATS.has(math.dtype) ? float : integer)(math, ...of);

/** Whether the numbers are 0 and 1, made of booleans. */
function countsBooleans(node: GraphNode): boolean {
  const source = node.inputs[0]!.node;
  return source.op === 'Cast' && inputType(source, 0) === 'bool';
}

/** A product with ones: exact, and wraps where ONNX Runtime's own sum goes through double. */
const sumIntegers: Reduction = (math, value, node, context) => {
  const { builder } = math;
  if (NARROW.has(math.dtype) || countsBooleans(node)) {
    const wide = math.in('int64');
    return math.from('int64', reduce('ReduceSum')(wide, math.to('int64', value), node, context));
  }
  const gathered = gatherAxes(node, value, builder, context);
  const count = shapeOf(builder, gathered.value, -1);
  const ones = math.filled(builder.node('Concat', [count, builder.int64s([1])], { axis: { int: 0 } }), 1);
  const sums = math.apply('MatMul', [gathered.value, ones]);
  // Of a vector the product with ones is a vector of one.
  return gathered.restore(builder.node('Squeeze', [sums, builder.int64s([-1])]));
};

const sum = byType(reduce('ReduceSum'), sumIntegers);

/** The number of elements that one result is made of, as a scalar of the type; at least 1 for integers. */
function reducedCount(math: TypedMath, value: OnnxValue, node: GraphNode, context: EmitContext): OnnxValue {
  const { builder } = math;
  const axes = axesValue(node, builder, context);
  const sizes = builder.node('Gather', [shapeOf(builder, value), axes]);
  const count = productOf(builder, sizes);
  const atLeastOne = FLOATS.has(math.dtype) ? count : builder.node('Max', [count, builder.scalar('int64', 1)]);
  return math.from('int64', atLeastOne);
}

/** Whether each of the reduced dimensions is known, and none of them is 0. */
function isNeverEmpty(node: GraphNode, context: EmitContext): boolean {
  const shape = inputShape(node, 0);
  const axes = knownNumbers(node, 1, context);
  return shape !== undefined && axes?.every((axis) => shape[fromFront(axis, shape.length)]! > 0) === true;
}

/** ONNX's mean of nothing is 0, TensorFlow's is NaN. */
const meanFloats: Reduction = (math, value, node, context) =>
  isNeverEmpty(node, context)
    ? reduce('ReduceMean')(math, value, node, context)
    : math.div(sum(math, value, node, context), reducedCount(math, value, node, context));

/** The sum is taken in 64 bits. */
const meanIntegers: Reduction = (math, value, node, context) => {
  const wide = math.in(math.dtype === 'uint64' ? 'uint64' : 'int64');
  const given = math.to(wide.dtype, value);
  const total = sumIntegers(wide, given, node, context);
  return math.from(wide.dtype, wide.apply('Div', [total, reducedCount(wide, given, node, context)]));
};

const prodIntegers: Reduction = (math, value, node, context) => {
  const { builder } = math;
  const shape = inputShape(node, 0);
  const axes = knownNumbers(node, 1, context);
  const length = shape?.length === 1 ? shape[0]! : -1;
  if (axes?.length === 1 && length > 0 && length <= MAX_UNROLLED) {
    const parts = Array.from({ length }, (_, i) => builder.node('Gather', [value, builder.scalar('int64', i)]));
    const product = parts.reduce((result, part) => math.mul(result, part));
    const { keepdims } = reductionAttributes(node);
    return keepdims && 'int' in keepdims && keepdims.int === 1
      ? builder.node('Reshape', [product, builder.int64s([1])])
      : product;
  }
  const gathered = gatherAxes(node, value, builder, context);
  // One more factor, so that there is a last one.
  const end = builder.node('Concat', [shapeOf(builder, gathered.value, 0, -1), builder.int64s([1])], {
    axis: { int: 0 },
  });
  const longer = builder.node('Concat', [math.filled(end, 1), gathered.value], { axis: { int: -1 } });
  const products = math.move('CumProd', longer, [builder.scalar('int64', -1)]);
  return gathered.restore(builder.node('Gather', [products, builder.scalar('int64', -1)], { axis: { int: -1 } }));
};

/** Larger rows cost more than an answer for NaN is worth. */
const MAX_CHECKED_ELEMENTS = 1e6;

/** Whether NaN is treated as TensorFlow does: by option, and where the result is one of the signature's. */
function treatsNaN(node: GraphNode, dtype: DataType, context: EmitContext): boolean {
  if (!FLOATS.has(dtype)) return false;
  if (context.options.nan === 'tensorflow') return true;
  const elements = inputShape(node, 0)
    ?.slice(1)
    .reduce((count, size) => count * Math.abs(size), 1);
  return context.isFetched(node) && elements !== undefined && elements < MAX_CHECKED_ELEMENTS;
}

/** The greatest or least number; where NaN is treated as in TensorFlow, it is NaN where any number is. */
const extreme =
  (operator: 'ReduceMax' | 'ReduceMin'): Reduction =>
  (math, value, node, context) => {
    const plain = reduce(operator);
    if (!treatsNaN(node, math.dtype, context)) return plain(math, value, node, context);
    const hasNaN = math.test('IsNaN', [value]);
    const least = math.scalar(operator === 'ReduceMax' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
    const result = plain(math, math.where(hasNaN, least, value), node, context);
    return math.where(
      reduceBooleans('ReduceMax', hasNaN, node, math.builder, context),
      math.scalar(Number.NaN),
      result,
    );
  };

/** Over bytes: the reductions of booleans fail on empty sets. */
function reduceBooleans(
  operator: 'ReduceMax' | 'ReduceMin',
  value: OnnxValue,
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
): OnnxValue {
  const bytes = cast(builder, value, 'bool', 'uint8');
  const reduced = builder.node(operator, [bytes, axesValue(node, builder, context)], reductionAttributes(node));
  return cast(builder, reduced, 'uint8', 'bool');
}

const logical =
  (operator: 'ReduceMax' | 'ReduceMin'): Emitter =>
  (node, builder, context) => [reduceBooleans(operator, context.value(node.inputs[0]!), node, builder, context)];

const l2Loss: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [value] = inputValues(node, context);
  const total = math.move('ReduceSum', math.mul(value!, value!), [], { keepdims: { int: 0 } });
  return [math.mul(total, math.scalar(0.5))];
};

/** The position of the first extreme; where NaN is treated as in TensorFlow, it is skipped. */
const argExtreme =
  (operator: 'ArgMax' | 'ArgMin'): Emitter =>
  (node, builder, context) => {
    const dtype = inputType(node, 0);
    const math = new TypedMath(node, builder, context, dtype === 'bool' ? 'uint8' : dtype);
    const [axis] = constantNumbers(node, 1, 'dimension', context);
    let value = cast(builder, context.value(node.inputs[0]!), dtype, math.dtype);
    if (treatsNaN(node, dtype, context)) {
      const last = math.scalar(operator === 'ArgMax' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
      value = math.where(math.test('IsNaN', [value]), last, value);
    }
    const position = math.test(operator, [value], { axis: { int: axis! }, keepdims: { int: 0 } });
    return [cast(builder, position, 'int64', node.outputs[0]!.dtype)];
  };

export const axisReductions: EmitterTable = {
  Sum: reduction(sum),
  Mean: reduction(byType(meanFloats, meanIntegers)),
  Prod: reduction(byType(reduce('ReduceProd'), prodIntegers)),
  Max: reduction(extreme('ReduceMax')),
  Min: reduction(extreme('ReduceMin')),
  EuclideanNorm: reduction(
    byType(reduce('ReduceL2'), (_math, _value, node, context) => context.refuse(node, 'no ONNX operator for integers')),
  ),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: argExtreme('ArgMax'),
  ArgMin: argExtreme('ArgMin'),
  L2Loss: l2Loss,
};
