/** Slices with steps, new axes and single positions, as `x[a:b:c, newaxis, ..., d]` is written. */

import { intAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { asInt64, joined, positions, shapeOf, TO_THE_END } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, inputRank, inputShape, inputType, knownNumbers } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

/** A position: known, or a vector of one int64. */
type Place = number | OnnxValue;

interface AxisSlice {
  readonly axis: number;
  readonly start: Place;
  readonly end: Place;
  readonly step: number;
}

/** What the masks and vectors ask for, axis by axis. */
interface SlicePlan {
  readonly slices: AxisSlice[];
  /** Axes of the input with a single position that depends on inputs. */
  readonly picked: { readonly axis: number; readonly place: OnnxValue }[];
  readonly squeezed: number[];
  /** Axes of the output. */
  readonly added: number[];
}

/** The vectors' inputs: of a value, its slice's begin, end and strides. */
interface SliceInputs {
  readonly begin: number;
  readonly end: number;
  readonly strides: number;
}

/** Reads one place of a vector input. */
function placeReader(node: GraphNode, index: number, builder: OnnxBuilder, context: EmitContext): (i: number) => Place {
  const known = knownNumbers(node, index, context);
  if (known) return (i) => known[i]!;
  // A vector that is packed of scalars may know some of them.
  const { node: source } = node.inputs[index]!;
  const parts = source.op === 'Pack' ? source.inputs.map((part) => context.constant(part)) : [];
  let vector: OnnxValue | undefined;
  return (i) => {
    const part = parts[i];
    if (part) return Number((part.data as ArrayLike<number | bigint>)[0]);
    vector ??= asInt64(builder, context.value(node.inputs[index]!), inputType(node, index));
    return builder.node('Gather', [vector, builder.int64s([i])]);
  };
}

const isSet = (mask: number, bit: number): boolean => Math.floor(mask / 2 ** bit) % 2 === 1;

function planSlice(
  node: GraphNode,
  inputs: SliceInputs,
  rank: () => number,
  builder: OnnxBuilder,
  context: EmitContext,
): SlicePlan {
  const mask = (name: string): number => intAttribute(node.attributes, `${name}_mask`, 0);
  const [beginMask, endMask, ellipsisMask, newAxisMask, shrinkMask] = [
    mask('begin'),
    mask('end'),
    mask('ellipsis'),
    mask('new_axis'),
    mask('shrink_axis'),
  ];
  const strides = constantNumbers(node, inputs.strides, 'strides', context);
  const begin = placeReader(node, inputs.begin, builder, context);
  const end = placeReader(node, inputs.end, builder, context);
  const plan: SlicePlan = { slices: [], picked: [], squeezed: [], added: [] };
  const consumes = (i: number): boolean => !isSet(ellipsisMask, i) && !isSet(newAxisMask, i);
  let axis = 0;
  let output = 0;
  for (const [i, step] of strides.entries()) {
    if (isSet(ellipsisMask, i)) {
      const skipped = rank() - strides.filter((_, k) => consumes(k)).length;
      axis += skipped;
      output += skipped;
    } else if (isSet(newAxisMask, i)) {
      plan.added.push(output++);
    } else if (isSet(shrinkMask, i)) {
      const place = begin(i);
      if (typeof place === 'string') {
        plan.picked.push({ axis, place });
      } else {
        plan.slices.push({ axis, start: place, end: place === -1 ? TO_THE_END : place + 1, step: 1 });
        plan.squeezed.push(axis);
      }
      axis++;
    } else {
      const [first, last] = step > 0 ? [0, TO_THE_END] : [TO_THE_END, -TO_THE_END];
      const start = isSet(beginMask, i) ? first : begin(i);
      const stop = isSet(endMask, i) ? last : end(i);
      if (start !== 0 || stop !== TO_THE_END || step !== 1) plan.slices.push({ axis, start, end: stop, step });
      axis++;
      output++;
    }
  }
  return plan;
}

const place = (builder: OnnxBuilder, value: Place): OnnxValue =>
  typeof value === 'number' ? builder.int64s([value]) : value;

function sliceNode(builder: OnnxBuilder, value: OnnxValue, slices: readonly AxisSlice[]): OnnxValue {
  if (slices.length === 0) return value;
  const vector = (of: (slice: AxisSlice) => Place): OnnxValue => {
    const places = slices.map(of);
    return places.every((entry) => typeof entry === 'number')
      ? builder.int64s(places)
      : joined(builder, ...places.map((entry) => place(builder, entry)));
  };
  const steps = slices.every(({ step }) => step === 1) ? [] : [vector(({ step }) => step)];
  return builder.node('Slice', [
    value,
    vector(({ start }) => start),
    vector(({ end }) => end),
    vector(({ axis }) => axis),
    ...steps,
  ]);
}

/**
 * ONNX moves a begin in front of the first element to it, where TensorFlow finds nothing in a backward slice. So the range is cut out
 * first, from end + 1 up to begin, and then reversed.
 */
function backwardRange({ axis, start, end }: AxisSlice, node: GraphNode, context: EmitContext): AxisSlice {
  if (typeof start === 'string' || typeof end === 'string') {
    return context.refuse(node, 'needs a constant begin and end (the step is negative)');
  }
  const from = end === -TO_THE_END ? 0 : end === -1 ? TO_THE_END : end + 1;
  return { axis, start: from, end: start === -1 || start === TO_THE_END ? TO_THE_END : start + 1, step: 1 };
}

function applyPlan(
  value: OnnxValue,
  plan: SlicePlan,
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
): OnnxValue {
  const backward = plan.slices.filter(({ step }) => step < 0);
  const ranges = backward.map((slice) => backwardRange(slice, node, context));
  const cut = sliceNode(builder, value, [...plan.slices.filter(({ step }) => step > 0), ...ranges]);
  const reversed = backward.map(({ axis, step }) => ({ axis, start: TO_THE_END, end: -TO_THE_END, step }));
  let result = sliceNode(builder, cut, reversed);
  // From the last axis on, so that those in front keep their numbers.
  const single = [...plan.picked].reverse();
  const squeezed = [...plan.squeezed];
  for (const { axis, place: position } of single) {
    result = builder.node('Gather', [result, position], { axis: { int: axis } });
    squeezed.push(axis);
  }
  if (squeezed.length > 0) result = builder.node('Squeeze', [result, builder.int64s(squeezed.sort((a, b) => a - b))]);
  return plan.added.length === 0 ? result : builder.node('Unsqueeze', [result, builder.int64s(plan.added)]);
}

const stridedSlice: Emitter = (node, builder, context) => {
  const plan = planSlice(node, { begin: 1, end: 2, strides: 3 }, () => inputRank(node, 0, context), builder, context);
  return [applyPlan(context.value(node.inputs[0]!), plan, node, builder, context)];
};

/** Writes `update` where the slice of a tensor of this shape would be read. */
function scatterSlice(
  math: TypedMath,
  base: OnnxValue,
  shape: OnnxValue,
  update: OnnxValue,
  plan: SlicePlan,
  node: GraphNode,
  context: EmitContext,
): OnnxValue {
  const { builder } = math;
  const flat = builder.int64s([-1]);
  const count = builder.node('ReduceProd', [shape], { keepdims: { int: 0 } });
  const places = builder.node('Reshape', [positions(builder, count), shape]);
  const chosen = builder.node('Reshape', [applyPlan(places, plan, node, builder, context), flat]);
  const inputs = [builder.node('Reshape', [base, flat]), chosen, builder.node('Reshape', [update, flat])];
  return builder.node('Reshape', [builder.node('ScatterElements', inputs, { axis: { int: 0 } }), shape]);
}

const sliceUpdate: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const value = context.value(node.inputs[0]!);
  const plan = planSlice(node, { begin: 1, end: 2, strides: 3 }, () => inputRank(node, 0, context), builder, context);
  return [scatterSlice(math, value, shapeOf(builder, value), context.value(node.inputs[4]!), plan, node, context)];
};

const sliceGradient: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 4));
  const shape = cast(builder, context.value(node.inputs[0]!), inputType(node, 0), 'int64');
  const rank = (): number => {
    const length = inputShape(node, 0)?.[0] ?? -1;
    return length >= 0 ? length : context.refuse(node, 'needs a known rank');
  };
  const plan = planSlice(node, { begin: 1, end: 2, strides: 3 }, rank, builder, context);
  return [scatterSlice(math, math.filled(shape, 0), shape, context.value(node.inputs[4]!), plan, node, context)];
};

export const stridedSlices: EmitterTable = {
  StridedSlice: stridedSlice,
  TensorStridedSliceUpdate: sliceUpdate,
  StridedSliceGrad: sliceGradient,
};
