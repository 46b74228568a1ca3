/** Scales and offsets per channel, folded into the weights of the operation before them. */
import type { NumericArray, Tensor } from '@serving/core/tensor';
import { boolAttribute, floatAttribute } from '../graph/attribute-readers.js';
import type { ConstantValue, Endpoint, GraphNode } from '../graph/graph.js';
import { newNode, valueNode } from '../graph/new-node.js';
import { imageLayout } from '../shapes/window-shapes.js';
import { type GraphView, keepsShape, numbersOf, shapeOf } from './graph-view.js';
import type { Rewriter } from './rewriter.js';

/** An operation with constant weights. */
interface Head {
  readonly weights: number;
  /** The input that a bias becomes. */
  readonly bias: number;
  /** The dimensions of the weights that count output channels, as one from the back. */
  readonly channelAxes: readonly number[];
}

const convolution: Head = { weights: 1, bias: 2, channelAxes: [-1] };
const transposed: Head = { weights: 1, bias: 3, channelAxes: [-2] };

const heads: Readonly<Record<string, Head>> = {
  Conv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv2dNative: { ...convolution, channelAxes: [-2, -1] },
  Conv2DBackpropInput: transposed,
  Conv3DBackpropInputV2: transposed,
};

/** What is folded into a head so far, in float64: `y = scale · head(x) + offset`. */
interface Folded {
  readonly original: ConstantValue;
  readonly scale: Float64Array;
  readonly offset: Float64Array;
}

const foldedHeads = new WeakMap<GraphNode, Folded>();

/** Folds `BiasAdd`, `AddV2`, `Sub`, `Mul` by constants per channel, and batch normalisation, into the convolution before. */
export const foldAffineChain: Rewriter = (node, view) => {
  const step = affineStep(node, view);
  if (step === undefined) return undefined;
  const { head, scale, offset } = step;
  const kind = heads[head.op]!;
  const before = foldedHeads.get(head) ?? unfolded(head, kind, scale.length);
  if (before === undefined) return undefined;
  const folded: Folded = {
    original: before.original,
    scale: before.scale.map((value, i) => value * scale[i]!),
    offset: before.offset.map((value, i) => value * scale[i]! + offset[i]!),
  };
  const result = withFolded(head, kind, folded, node);
  foldedHeads.set(result, folded);
  const first = { node: result, index: 0 };
  return [first, ...node.outputs.slice(1).map((_, i) => node.inputs[i % 2 === 0 ? 3 : 4]!)];
};

function unfolded(head: GraphNode, kind: Head, channels: number): Folded | undefined {
  const original = head.inputs[kind.weights]!.node.constant!;
  const bias = head.inputs[kind.bias];
  const offset = bias ? numbersOf(bias) : new Array<number>(channels).fill(0);
  if (offset?.length !== channels) return undefined;
  return { original, scale: new Float64Array(channels).fill(1), offset: Float64Array.from(offset) };
}

interface Step {
  readonly head: GraphNode;
  readonly scale: readonly number[];
  readonly offset: readonly number[];
}

function affineStep(node: GraphNode, view: GraphView): Step | undefined {
  if (['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'].includes(node.op)) return batchNormStep(node, view);
  if (!['BiasAdd', 'Add', 'AddV2', 'Sub', 'Mul'].includes(node.op)) return undefined;
  const isCommutative = node.op !== 'Sub' && node.op !== 'BiasAdd';
  for (const [value, constant] of [node.inputs, isCommutative ? node.inputs.toReversed() : []]) {
    const head = headOf(value, view);
    const channels = head && channelCount(head);
    if (head === undefined || channels === undefined || constant === undefined) continue;
    const numbers = perChannel(node, value!, constant, head, channels);
    if (numbers === undefined) continue;
    if (node.op === 'Mul') return { head, scale: numbers, offset: numbers.map(() => 0) };
    const offset = node.op === 'Sub' ? numbers.map((number) => -number) : numbers;
    return { head, scale: numbers.map(() => 1), offset };
  }
  return undefined;
}

function batchNormStep(node: GraphNode, view: GraphView): Step | undefined {
  const head = headOf(node.inputs[0], view);
  const parameters = node.inputs.slice(1, 5).map(numbersOf);
  if (head === undefined || boolAttribute(node.attributes, 'is_training', true)) return undefined;
  const [gamma, beta, mean, variance] = parameters;
  const channels = channelCount(head);
  if (!gamma || !beta || !mean || !variance || channels !== gamma.length) return undefined;
  if (channelAxisOf(node, node.inputs[0]!) !== channelAxisOf(head, node.inputs[0]!)) return undefined;
  const epsilon = floatAttribute(node.attributes, 'epsilon', 1e-4);
  const scale = gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon));
  return { head, scale, offset: beta.map((value, i) => value - mean[i]! * scale[i]!) };
}

/** The head that makes a value which nothing else uses. */
function headOf(value: Endpoint | undefined, view: GraphView): GraphNode | undefined {
  const head = view.inner(value, ...Object.keys(heads));
  const kind = head && heads[head.op]!;
  const weights = kind && head.inputs[kind.weights]!.node.constant;
  return weights?.dtype === 'float' ? head : undefined;
}

function channelCount(head: GraphNode): number | undefined {
  const kind = heads[head.op]!;
  const shape = head.inputs[kind.weights]!.node.constant!.shape;
  return kind.channelAxes.reduce((count, axis) => count * shape.at(axis)!, 1);
}

/** The dimension of an operation's result that counts channels. */
function channelAxisOf(node: GraphNode, value: Endpoint): number | undefined {
  const rank = shapeOf(value)?.length;
  return rank === undefined ? undefined : imageLayout({ node }, rank).channel;
}

/** The constant's number for each channel, when it differs between channels alone. */
function perChannel(
  node: GraphNode,
  value: Endpoint,
  constant: Endpoint,
  head: GraphNode,
  channels: number,
): readonly number[] | undefined {
  const numbers = numbersOf(constant);
  const axis = channelAxisOf(head, value);
  const rank = shapeOf(value)?.length;
  if (numbers === undefined || axis === undefined || rank === undefined) return undefined;
  if (node.op === 'BiasAdd') {
    return numbers.length === channels && channelAxisOf(node, value) === axis ? numbers : undefined;
  }
  if (!keepsShape(constant, value)) return undefined;
  if (numbers.length === 1) return new Array<number>(channels).fill(numbers[0]!);
  const shape = constant.node.constant!.shape;
  const isOfChannels = shape.every((size, i) => size === 1 || i + rank - shape.length === axis);
  return isOfChannels && numbers.length === channels ? numbers : undefined;
}

/** The head with scaled weights, computed when they are written, and a bias. */
function withFolded(head: GraphNode, kind: Head, { original, scale, offset }: Folded, end: GraphNode): GraphNode {
  const isScaled = scale.some((value) => value !== 1);
  const weights = isScaled ? scaledWeights(original, scale, kind.channelAxes) : original;
  const bias: Tensor<'float'> = { dtype: 'float', shape: [offset.length], data: Float32Array.from(offset) };
  const inputs = [...head.inputs];
  inputs[kind.weights] = { node: valueNode(`${head.name}/weights`, weights), index: 0 };
  inputs[kind.bias] = { node: valueNode(`${head.name}/bias`, { ...bias, tensor: () => bias }), index: 0 };
  const result = newNode(head.op, head.name, inputs, [{ ...end.outputs[0]!, shape: head.outputs[0]!.shape }]);
  result.attributes = head.attributes;
  return result;
}

/** Weights times a number per channel, rounded once. */
export function scaledWeights(original: ConstantValue, scale: Float64Array, axes: readonly number[]): ConstantValue {
  const { dtype, shape } = original;
  const inside = axes.at(-1) === -1 ? 1 : shape.at(-1)!;
  let tensor: Tensor | undefined;
  return {
    dtype,
    shape,
    tensor: () => {
      if (tensor !== undefined) return tensor;
      const from = original.tensor().data as NumericArray as Float32Array;
      const data = new Float32Array(from.length);
      for (let i = 0; i < from.length; i++) data[i] = from[i]! * scale[Math.floor(i / inside) % scale.length]!;
      tensor = { dtype: 'float', shape, data };
      return tensor;
    },
  };
}
