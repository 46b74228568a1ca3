/** Emitters of operations that rewriters put in the place of several. */
import { boolAttribute, floatAttribute, intAttribute, intsAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import type { Emitter, EmitterTable, OnnxAttribute } from '../emitter.js';
import { inputType } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

type AttributesOf = (node: GraphNode) => Readonly<Record<string, OnnxAttribute>>;

/** The ONNX operator of the same inputs. */
const operator =
  (name: string, attributes: AttributesOf = () => ({})): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const inputs = node.inputs.map((input) => context.value(input));
    return [math.apply(name, inputs, attributes(node))];
  };

const reshape: Emitter = (node, builder, context) => {
  const sizes = builder.int64s(intsAttribute(node.attributes, 'shape'));
  return [builder.node('Reshape', [context.value(node.inputs[0]!), sizes])];
};

const parametricRelu: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [x, slope] = node.inputs.map((input) => context.value(input));
  const sign = floatAttribute(node.attributes, 'sign');
  return [math.apply('PRelu', [x!, sign === 1 ? slope! : math.neg(slope!)])];
};

export const fused: EmitterTable = {
  _Gelu: operator('Gelu', ({ attributes }) => ({
    approximate: { string: boolAttribute(attributes, 'approximate') ? 'tanh' : 'none' },
  })),
  _HardSigmoid: operator('HardSigmoid', ({ attributes }) => ({
    alpha: { float: floatAttribute(attributes, 'alpha') },
    beta: { float: floatAttribute(attributes, 'beta') },
  })),
  _HardSwish: operator('HardSwish'),
  _Mish: operator('Mish'),
  _PRelu: parametricRelu,
  _LayerNormalization: operator('LayerNormalization', ({ attributes }) => ({
    axis: { int: intAttribute(attributes, 'axis') },
    epsilon: { float: floatAttribute(attributes, 'epsilon') },
  })),
  _Reshape: reshape,
};
