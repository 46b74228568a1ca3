/** Elements along axes in another order. */
import { intAttribute } from '../../graph/attribute-readers.js';
import { asInt64, asVector, sizeOf, TO_THE_END } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, fromFront, inputRank, inputType, inputValues } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

function reversed(builder: OnnxBuilder, value: OnnxValue, axes: readonly number[]): OnnxValue {
  if (axes.length === 0) return value;
  const all = (number: number): OnnxValue => builder.int64s(axes.map(() => number));
  return builder.node('Slice', [value, all(-1), all(-TO_THE_END), builder.int64s(axes), all(-1)]);
}

const reverseV2: Emitter = (node, builder, context) => [
  reversed(builder, context.value(node.inputs[0]!), constantNumbers(node, 1, 'axis', context)),
];

const reverse: Emitter = (node, builder, context) => {
  const flags = constantNumbers(node, 1, 'dims', context);
  const axes = flags.flatMap((flag, axis) => (flag === 0 ? [] : [axis]));
  return [reversed(builder, context.value(node.inputs[0]!), axes)];
};

/** The end of the axis comes to its front. */
const roll: Emitter = (node, builder, context) => {
  const axes = constantNumbers(node, 2, 'axis', context);
  const shifts = asVector(builder, context.value(node.inputs[1]!), inputType(node, 1));
  const rank = inputRank(node, 0, context);
  let value = context.value(node.inputs[0]!);
  for (const [i, given] of axes.entries()) {
    const axis = fromFront(given, rank);
    const size = builder.node('Reshape', [sizeOf(builder, value, axis), builder.int64s([1])]);
    const divisor = builder.node('Max', [size, builder.int64s([1])]);
    const shift = builder.node('Mod', [builder.node('Gather', [shifts, builder.int64s([i])]), divisor]);
    const start = builder.node('Sub', [size, shift]);
    const axisInput = builder.int64s([axis]);
    const front = builder.node('Slice', [value, start, builder.int64s([TO_THE_END]), axisInput]);
    const back = builder.node('Slice', [value, builder.int64s([0]), start, axisInput]);
    value = builder.node('Concat', [front, back], { axis: { int: axis } });
  }
  return [value];
};

/** The first elements of each row, as many as its length says. */
const reverseSequence: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [value, lengthsInput] = inputValues(node, context);
  const lengths = asInt64(builder, lengthsInput!, inputType(node, 1));
  const batch = intAttribute(node.attributes, 'batch_dim', 0);
  const time = intAttribute(node.attributes, 'seq_dim');
  const run = (input: OnnxValue, batchAxis: number, timeAxis: number): OnnxValue =>
    math.move('ReverseSequence', input, [lengths], { batch_axis: { int: batchAxis }, time_axis: { int: timeAxis } });
  if (batch + time === 1 && batch * time === 0) return [run(value!, batch, time)];
  const rank = inputRank(node, 0, context);
  const order = [batch, time, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== batch && i !== time)];
  const back = order.map((_, axis) => order.indexOf(axis));
  const moved = builder.node('Transpose', [value!], { perm: { ints: order } });
  return [builder.node('Transpose', [run(moved, 0, 1)], { perm: { ints: back } })];
};

export const reversal: EmitterTable = {
  ReverseV2: reverseV2,
  Reverse: reverse,
  Roll: roll,
  ReverseSequence: reverseSequence,
};
