/** Tensors made of a number, a range, or ids. */
import { intAttribute } from '../../graph/attribute-readers.js';
import { asInt64, asScalar, asVector, positions, shapeOf, unsqueezed } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { fromFront, inputRank, inputShape, inputType, inputValues, knownNumbers } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

const FLOATS: ReadonlySet<string> = new Set(['float', 'double', 'half', 'bfloat16']);

/** Whether a shape is certain to be broadcast to a target, rather than the target to it. */
function fits(shape: readonly number[] | undefined, target: readonly number[] | undefined): boolean {
  if (!shape || !target || shape.length > target.length) return false;
  const offset = target.length - shape.length;
  return shape.every((size, axis) => size === 1 || (size >= 0 && size === target[axis + offset]));
}

const broadcastTo: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [value, shape] = inputValues(node, context);
  const known = knownNumbers(node, 1, context);
  const target = known ? builder.int64s(known) : asVector(builder, shape!, inputType(node, 1));
  const result = math.move('Expand', value!, [target]);
  if (context.options.guards && !fits(inputShape(node, 0), known)) {
    const isTarget = builder.node('Equal', [shapeOf(builder, result), target]);
    builder.guard(
      allTrue(builder, isTarget),
      'Incompatible shapes: ',
      { value: shapeOf(builder, value!), dtype: 'int64' },
      ' vs. ',
      { value: target, dtype: 'int64' },
    );
  }
  return [result];
};

const fill: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 1));
  const [shape, value] = inputValues(node, context);
  return [math.move('Expand', value!, [asVector(builder, shape!, inputType(node, 0))])];
};

const filledLike =
  (value: 0 | 1): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    return [math.filled(shapeOf(builder, context.value(node.inputs[0]!)), value)];
  };

/** Floats are start + i · delta, as TensorFlow has them: ONNX's own range adds up. */
const range: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [start, limit, delta] = inputValues(node, context).map((value) =>
    builder.node('Reshape', [value, builder.int64s([])]),
  );
  const isUp = math.less(math.scalar(0), delta!);
  const isDown = math.less(delta!, math.scalar(0));
  const upward = math.and(isUp, math.not(math.less(limit!, start!)));
  const downward = math.and(isDown, math.not(math.less(start!, limit!)));
  const shown = (value: OnnxValue) => ({ value, dtype: math.dtype }) as const;
  builder.guard(
    math.or(upward, downward),
    'Requires start <= limit when delta > 0, or start >= limit when delta < 0: ',
    shown(start!),
    '/',
    shown(limit!),
  );
  // A step of 0 never reaches the kernel.
  const step = math.where(math.equal(delta!, math.scalar(0)), math.scalar(1), delta!);
  if (!FLOATS.has(math.dtype)) return [math.apply('Range', [start!, limit!, step])];
  const distance = math.abs(math.div(math.sub(limit!, start!), step));
  const count = math.to('int64', math.apply('Ceil', [distance]));
  const steps = math.from('int64', positions(builder, count));
  return [math.add(start!, math.mul(steps, step))];
};

/** The last number is `stop` itself. */
const linSpace: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [start, stop, num] = inputValues(node, context);
  const count = asScalar(builder, num!, inputType(node, 2));
  const one = builder.scalar('int64', 1);
  const last = builder.node('Sub', [count, one]);
  const delta = math.div(math.sub(stop!, start!), math.from('int64', builder.node('Max', [last, one])));
  const places = positions(builder, count);
  const numbers = math.add(start!, math.mul(delta, math.from('int64', places)));
  const isLast = math.and(
    builder.node('Equal', [places, last]),
    builder.node('Greater', [places, builder.scalar('int64', 0)]),
  );
  return [math.where(isLast, stop!, numbers)];
};

/** ONNX's own OneHot counts negative ids from the back, and has few kernels. */
const oneHot: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 2));
  const [ids, depth, on, off] = inputValues(node, context);
  const axis = intAttribute(node.attributes, 'axis', -1);
  const wanted = unsqueezed(builder, asInt64(builder, ids!, inputType(node, 0)), axis);
  const known = knownNumbers(node, 1, context)?.[0];
  const classes =
    known === undefined
      ? positions(builder, asScalar(builder, depth!, inputType(node, 1)))
      : builder.int64s(Array.from({ length: Math.max(known, 0) }, (_, i) => i));
  const after = axis === -1 ? 0 : inputRank(node, 0, context) - fromFront(axis, inputRank(node, 0, context) + 1);
  const column = unsqueezed(builder, classes, ...Array.from({ length: after }, (_, i) => i + 1));
  return [math.where(builder.node('Equal', [wanted, column]), on!, off!)];
};

const invertPermutation: Emitter = (node, builder, context) => {
  const dtype = inputType(node, 0);
  const [permutation] = inputValues(node, context);
  const ids = asInt64(builder, permutation!, dtype);
  const places = positions(builder, builder.node('Size', [ids]));
  const inverse = builder.node('ScatterElements', [places, ids, places], { axis: { int: 0 } });
  return [cast(builder, inverse, 'int64', dtype)];
};

export const filling: EmitterTable = {
  BroadcastTo: broadcastTo,
  Fill: fill,
  ZerosLike: filledLike(0),
  OnesLike: filledLike(1),
  Range: range,
  LinSpace: linSpace,
  OneHot: oneHot,
  InvertPermutation: invertPermutation,
};
