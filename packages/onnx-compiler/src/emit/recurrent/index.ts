/** Recurrent layers as ONNX's LSTM, GRU and RNN. */
import {
  boolAttribute,
  floatsAttribute,
  intAttribute,
  textAttribute,
  textsAttribute,
} from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { writeIf } from '../control/branches.js';
import { joined, shapeOf, unsqueezed } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxAttribute, OnnxBuilder, OnnxValue } from '../emitter.js';
import { inputValues } from '../node-inputs.js';
import { compactedSequence } from './masked-sequence.js';

/** Outputs of a layer: the state after each step [steps, batch, hidden], then the last states [batch, hidden]. */
const recurrent: Emitter = (node, builder, context) => {
  const write = (inner: OnnxBuilder): OnnxValue[] => writeLayer(node, inner, inputValues(node, context));
  if (!boolAttribute(node.attributes, 'may_be_empty')) return write(builder);
  const values = inputValues(node, context);
  const [sequence = '', , , , ...states] = values;
  const size = builder.node('Size', [sequence]);
  const isEmpty = builder.node('Equal', [size, builder.scalar('int64', 0)]);
  const dtypes = node.outputs.map(({ dtype }) => dtype);
  return writeIf(builder, isEmpty, dtypes, (inner) => [noSteps(node, inner, sequence), ...states], write);
};

/** The kernels never see a sequence without elements. */
function noSteps(node: GraphNode, builder: OnnxBuilder, sequence: OnnxValue): OnnxValue {
  const hidden = builder.int64s([intAttribute(node.attributes, 'hidden_size')]);
  const shape = joined(builder, shapeOf(builder, sequence, 0, 2), hidden);
  return builder.node('Expand', [builder.scalar(node.outputs[0]!.dtype, 0), shape]);
}

function writeLayer(node: GraphNode, builder: OnnxBuilder, values: readonly OnnxValue[]): OnnxValue[] {
  const { attributes } = node;
  const [sequence = '', weights = '', stateWeights = '', biases = '', ...rest] = values;
  const stateCount = node.outputs.length - 1;
  const states = rest.slice(0, stateCount).map((state) => unsqueezed(builder, state, 0));
  const masked = textAttribute(attributes, 'masked');
  const compacted = masked === 'none' ? undefined : compactedSequence(builder, sequence, rest[stateCount]!);
  const kind = textAttribute(attributes, 'kind');
  const inputs = [compacted?.sequence ?? sequence, weights, stateWeights, biases, compacted?.lengths ?? '', ...states];
  const [all = '', ...last] = builder.nodes(kind, inputs, 1 + stateCount, layerAttributes(node, kind));
  const steps = builder.node('Squeeze', [all, builder.int64s([1])]);
  return [
    compacted?.restored(steps, masked === 'repeat', node.outputs[0]!.dtype) ?? steps,
    ...last.map((state) => builder.node('Squeeze', [state, builder.int64s([0])])),
  ];
}

function layerAttributes({ attributes }: GraphNode, kind: string): Record<string, OnnxAttribute> {
  const alphas = floatsAttribute(attributes, 'alphas');
  const betas = floatsAttribute(attributes, 'betas');
  return {
    hidden_size: { int: intAttribute(attributes, 'hidden_size') },
    activations: { strings: textsAttribute(attributes, 'activations') },
    ...(alphas.length > 0 && { activation_alpha: { floats: alphas } }),
    ...(betas.length > 0 && { activation_beta: { floats: betas } }),
    ...(kind === 'GRU' && { linear_before_reset: { int: boolAttribute(attributes, 'resets_after') ? 1 : 0 } }),
  };
}

export const recurrentLayers: EmitterTable = { _Recurrent: recurrent };
