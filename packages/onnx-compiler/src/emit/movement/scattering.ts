/** Values put at positions. */
import { asInt64, asVector, shapeOf } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { inputType, inputValues } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';
import { guardRows, indexDepth } from './gathering.js';

type Reduction = 'none' | 'add' | 'max' | 'min';

/** ScatterND in a type whose reductions have kernels. */
function scatter(
  math: TypedMath,
  base: OnnxValue,
  indices: OnnxValue,
  updates: OnnxValue,
  reduction: Reduction,
): OnnxValue {
  const isHalf = math.dtype === 'half' || math.dtype === 'bfloat16';
  const wide = math.in(reduction !== 'none' && isHalf ? 'float' : math.dtype);
  const inputs = [math.to(wide.dtype, base), indices, math.to(wide.dtype, updates)];
  const attributes = reduction === 'none' ? {} : { reduction: { string: reduction } };
  return math.from(wide.dtype, math.builder.node('ScatterND', inputs, attributes));
}

const scatterNd: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 1));
  if (math.dtype === 'bool') context.refuse(node, 'no ONNX operator for bool');
  const [given, updates, shapeInput] = inputValues(node, context);
  const indices = asInt64(builder, given!, inputType(node, 0));
  const shape = asVector(builder, shapeInput!, inputType(node, 2));
  guardRows(indices, shape, indexDepth(node, 0, context), 'indices do not index into shape ', builder, context);
  return [scatter(math, math.filled(shape, 0), indices, updates!, 'add')];
};

const tensorScatter =
  (reduction: Reduction, isNegated = false): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const [tensor, given, updates] = inputValues(node, context);
    const indices = asInt64(builder, given!, inputType(node, 1));
    const depth = indexDepth(node, 1, context);
    guardRows(indices, shapeOf(builder, tensor!), depth, 'indices do not index into shape ', builder, context);
    const values = isNegated ? math.sub(math.scalar(0), updates!) : updates!;
    return [scatter(math, tensor!, indices, values, reduction)];
  };

export const scattering: EmitterTable = {
  ScatterNd: scatterNd,
  TensorScatterUpdate: tensorScatter('none'),
  TensorScatterAdd: tensorScatter('add'),
  TensorScatterSub: tensorScatter('add', true),
  TensorScatterMax: tensorScatter('max'),
  TensorScatterMin: tensorScatter('min'),
};
