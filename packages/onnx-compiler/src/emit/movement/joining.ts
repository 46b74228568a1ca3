/** Tensors put together and taken apart. */
import { intAttribute } from '../../graph/attribute-readers.js';
import { asVector, sizeOf, unsqueezed } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, fromFront, inputRank, inputShape, inputType, inputValues } from '../node-inputs.js';

const concat = (builder: OnnxBuilder, values: readonly OnnxValue[], axis: number): OnnxValue =>
  values.length === 1 ? values[0]! : builder.node('Concat', values, { axis: { int: axis } });

/** The input that is the axis: 0, or the last one (`-1`). */
const concatOf =
  (axisInput: 0 | -1): Emitter =>
  (node, builder, context) => {
    const index = axisInput === 0 ? 0 : node.inputs.length - 1;
    const [axis] = constantNumbers(node, index, 'axis', context);
    const values = node.inputs.filter((_, i) => i !== index).map((input) => context.value(input));
    return [concat(builder, values, axis!)];
  };

const pack: Emitter = (node, builder, context) => {
  const axis = intAttribute(node.attributes, 'axis', 0);
  const values = inputValues(node, context).map((value) => unsqueezed(builder, value, axis));
  return [concat(builder, values, axis)];
};

const unpack: Emitter = (node, builder, context) => {
  const axis = intAttribute(node.attributes, 'axis', 0);
  const count = node.outputs.length;
  if (count === 0) return [];
  const value = context.value(node.inputs[0]!);
  const parts =
    count === 1
      ? [value]
      : builder.nodes('Split', [value], count, { axis: { int: axis }, num_outputs: { int: count } });
  return parts.map((part) => builder.node('Squeeze', [part, builder.int64s([axis])]));
};

const split: Emitter = (node, builder, context) => {
  const [given] = constantNumbers(node, 0, 'axis', context);
  const value = context.value(node.inputs[1]!);
  const count = node.outputs.length;
  if (count === 1) return [value];
  const rank = inputRank(node, 1, context);
  const axis = fromFront(given!, rank);
  const known = inputShape(node, 1)![axis]!;
  if (known >= 0 && known % count !== 0) context.refuse(node, `${known} can't be split into ${count} equal parts`);
  if (known < 0) {
    const size = sizeOf(builder, value, axis);
    const rest = builder.node('Mod', [size, builder.scalar('int64', count)]);
    const shown = { value: size, dtype: 'int64' } as const;
    builder.guard(
      builder.node('Equal', [rest, builder.scalar('int64', 0)]),
      `Number of ways to split should evenly divide the split dimension, but got split_dim ${axis} (size = `,
      shown,
      `) and num_split ${count}`,
    );
  }
  return builder.nodes('Split', [value], count, { axis: { int: axis }, num_outputs: { int: count } });
};

/** One of the sizes may be −1: what the others leave. */
const splitV: Emitter = (node, builder, context) => {
  const [value, sizes] = inputValues(node, context);
  const count = node.outputs.length;
  const [given] = constantNumbers(node, 2, 'axis', context);
  const axis = fromFront(given!, inputRank(node, 0, context));
  const vector = asVector(builder, sizes!, inputType(node, 1));
  const total = builder.node('ReduceSum', [vector], { keepdims: { int: 0 } });
  const left = builder.node('Sub', [sizeOf(builder, value!, axis), total]);
  const isFree = builder.node('Equal', [vector, builder.scalar('int64', -1)]);
  const rest = builder.node('Sub', [left, builder.scalar('int64', 1)]);
  const whole = builder.node('Where', [isFree, rest, vector]);
  const constant = context.constant(node.inputs[1]!);
  const numbers = constant && Array.from(constant.data as Iterable<number | bigint>, Number);
  const parts = numbers && !numbers.includes(-1) ? builder.int64s(numbers) : whole;
  return builder.nodes('Split', [value!, parts], count, { axis: { int: axis } });
};

export const joining: EmitterTable = {
  ConcatV2: concatOf(-1),
  Concat: concatOf(0),
  Pack: pack,
  ParallelConcat: (node, builder, context) => [concat(builder, inputValues(node, context), 0)],
  Unpack: unpack,
  Split: split,
  SplitV: splitV,
};
