/** Shapes as values, and values in other shapes. */
import { intsAttribute } from '../../graph/attribute-readers.js';
import { asVector, shapeOf } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, inputShape, inputType, inputValues, knownNumbers } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

const shapes: Emitter = (node, builder, context) =>
  inputValues(node, context).map((value, i) => cast(builder, shapeOf(builder, value), 'int64', node.outputs[i]!.dtype));

const size: Emitter = (node, builder, context) => [
  cast(builder, builder.node('Size', inputValues(node, context)), 'int64', node.outputs[0]!.dtype),
];

const rank: Emitter = (node, builder, context) => {
  const known = inputShape(node, 0)?.length;
  if (known !== undefined) return [builder.scalar('int32', known)];
  const count = builder.node('Size', [shapeOf(builder, context.value(node.inputs[0]!))]);
  return [cast(builder, count, 'int64', 'int32')];
};

const reshape: Emitter = (node, builder, context) => {
  const [value, shape] = inputValues(node, context);
  const known = knownNumbers(node, 1, context);
  const target = known ? builder.int64s(known) : asVector(builder, shape!, inputType(node, 1));
  // 0 is a size, not a dimension to copy; together with −1 only the latter reading has a kernel.
  const isAmbiguous = known?.includes(0) && known.includes(-1);
  if (isAmbiguous) context.refuse(node, `no ONNX operator for the shape [${known}], which has no elements`);
  return [builder.node('Reshape', [value!, target], { allowzero: { int: 1 } })];
};

const squeeze: Emitter = (node, builder, context) => {
  const axes = intsAttribute(node.attributes, 'squeeze_dims', []);
  const value = context.value(node.inputs[0]!);
  return [builder.node('Squeeze', axes.length === 0 ? [value] : [value, builder.int64s(axes)])];
};

const expandDims: Emitter = (node, builder, context) => {
  const [value, axis] = inputValues(node, context);
  const known = knownNumbers(node, 1, context);
  const axes = known ? builder.int64s(known) : asVector(builder, axis!, inputType(node, 1));
  return [builder.node('Unsqueeze', [value!, axes])];
};

const transpose: Emitter = (node, builder, context) => {
  const perm = constantNumbers(node, 1, 'perm', context);
  const value = context.value(node.inputs[0]!);
  return [
    builder.node('Transpose', [value], { perm: { ints: perm.map((axis) => (axis < 0 ? axis + perm.length : axis)) } }),
  ];
};

/** Vectors of sizes, each as long as the longer one: 1 in front of the shorter. */
function aligned(builder: OnnxBuilder, a: OnnxValue, b: OnnxValue): [OnnxValue, OnnxValue] {
  const [lengthA, lengthB] = [a, b].map((vector) => shapeOf(builder, vector));
  const length = builder.node('Max', [lengthA!, lengthB!]);
  const one = builder.constant({ dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) });
  const pad = (vector: OnnxValue, own: OnnxValue): OnnxValue => {
    const missing = builder.node('Sub', [length, own]);
    return builder.node('Concat', [builder.node('Expand', [one, missing]), vector], { axis: { int: 0 } });
  };
  return [pad(a, lengthA!), pad(b, lengthB!)];
}

const broadcastArgs: Emitter = (node, builder, context) => {
  const dtype = inputType(node, 0);
  const math = new TypedMath(node, builder, context, 'int64');
  const [a, b] = aligned(
    builder,
    ...(inputValues(node, context).map((value) => cast(builder, value, dtype, 'int64')) as [OnnxValue, OnnxValue]),
  );
  const isOne = math.equal(a, math.scalar(1));
  return [cast(builder, math.where(isOne, b, a), 'int64', dtype)];
};

export const shapeOperators: EmitterTable = {
  Shape: shapes,
  ShapeN: shapes,
  Size: size,
  Rank: rank,
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Transpose: transpose,
  ConjugateTranspose: transpose,
  BroadcastArgs: broadcastArgs,
};
