/** Normalisation of images. */
import { boolAttribute, floatAttribute, intAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { inputType } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';
import { fromChannelsFirst, readWindows, toChannelsFirst } from './windows.js';

const batchNorm: Emitter = (node, builder, context) => {
  const [x, scale, offset, mean, variance] = node.inputs.map((input) => context.value(input)) as [
    OnnxValue,
    OnnxValue,
    OnnxValue,
    OnnxValue,
    OnnxValue,
  ];
  const windows = readWindows(node, context, 0, () => []);
  const parameters = new TypedMath(node, builder, context, inputType(node, 1));
  const math = parameters.in(inputType(node, 0));
  const epsilon = floatAttribute(node.attributes, 'epsilon', 1e-4);
  const image = parameters.from(math.dtype, toChannelsFirst(builder, x, windows));
  const isTraining = boolAttribute(node.attributes, 'is_training', true);
  const statistics = isTraining ? moments(builder, image, windows.rank) : { mean, variance };
  const inputs = [image, scale, offset, statistics.mean, statistics.variance];
  const result = parameters.apply('BatchNormalization', inputs, { epsilon: { float: epsilon } });
  const y = fromChannelsFirst(builder, math.from(parameters.dtype, result), windows);
  // Outputs 3 to 5 are there for gradients.
  const reserved = builder.constant({ dtype: 'float', shape: [0], data: new Float32Array(0) });
  const { mean: average, variance: spread } = statistics;
  return [y, average, spread, average, spread, reserved].slice(0, node.outputs.length);
};

/** Mean and variance of each channel over all rows and positions. */
function moments(builder: OnnxBuilder, image: OnnxValue, rank: number): { mean: OnnxValue; variance: OnnxValue } {
  const axes = builder.int64s([0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2)]);
  const mean = builder.node('ReduceMean', [image, axes]);
  const difference = builder.node('Sub', [image, mean]);
  const squares = builder.node('Mul', [difference, difference]);
  const flat = builder.int64s([-1]);
  return {
    mean: builder.node('Reshape', [mean, flat]),
    variance: builder.node('ReduceMean', [squares, axes], { keepdims: { int: 0 } }),
  };
}

/** Refuses batch statistics that are fetched: TensorFlow's are those of a training step. */
const checkedBatchNorm: Emitter = (node, builder, context) => {
  refuseUnknownActivation(node, context);
  return batchNorm(node, builder, context);
};

function refuseUnknownActivation(node: GraphNode, context: EmitContext): void {
  const activation = node.attributes.get('activation_mode');
  if (activation?.kind !== 'bytes') return;
  const mode = new TextDecoder().decode(activation.value);
  if (mode !== 'Identity' || node.inputs.length > 5) context.refuse(node, `no kernel with activation ${mode}`);
}

const localResponse: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const size = 2 * intAttribute(node.attributes, 'depth_radius', 5) + 1;
  const windows = readWindows(node, context, 0, () => []);
  const result = math.apply('LRN', [toChannelsFirst(builder, context.value(node.inputs[0]!), windows)], {
    size: { int: size },
    alpha: { float: floatAttribute(node.attributes, 'alpha', 1) * size },
    beta: { float: floatAttribute(node.attributes, 'beta', 0.5) },
    bias: { float: floatAttribute(node.attributes, 'bias', 1) },
  });
  return [fromChannelsFirst(builder, result, windows)];
};

/** Emitters of normalisation over images. */
export const imageNormalizations: EmitterTable = {
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  _FusedBatchNormEx: checkedBatchNorm,
  LRN: localResponse,
};
