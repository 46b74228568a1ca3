/** Pooling. */

import { boolAttribute, intsAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import {
  fittedImage,
  fromChannelsFirst,
  paddingAttributes,
  readWindows,
  toChannelsFirst,
  type Windows,
} from '../convolution/windows.js';
import type { EmitContext, Emitter, EmitterTable, OnnxAttribute, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, inputShape, inputType } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

/** The attributes of `MaxPoolV2` are inputs. */
function withWindowAttributes(node: GraphNode, context: EmitContext): GraphNode {
  if (node.op !== 'MaxPoolV2') return node;
  const attributes = new Map(node.attributes);
  for (const [i, name] of ['ksize', 'strides'].entries()) {
    const numbers = constantNumbers(node, i + 1, name, context);
    attributes.set(name, { kind: 'list', value: numbers.map((number) => ({ kind: 'int', value: BigInt(number) })) });
  }
  return { ...node, attributes };
}

function windowsOf(node: GraphNode, context: EmitContext): Windows {
  const ksize = intsAttribute(node.attributes, 'ksize');
  const windows = readWindows(node, context, 0, ({ spatial }) => spatial.map((dimension) => ksize[dimension] ?? 1));
  if (ksize[0] !== 1) context.refuse(node, 'no kernel that pools over the batch');
  return windows;
}

const attributesOf = (node: GraphNode, context: EmitContext, windows: Windows): Record<string, OnnxAttribute> => ({
  kernel_shape: { ints: windows.sizes },
  strides: { ints: windows.strides },
  ...paddingAttributes(node, context, windows, 0),
});

const pool =
  (operator: 'MaxPool' | 'AveragePool'): Emitter =>
  (original, builder, context) => {
    const node = withWindowAttributes(original, context);
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const windows = windowsOf(node, context);
    const ofChannels = intsAttribute(node.attributes, 'ksize')[windows.layout.channel] ?? 1;
    if (ofChannels !== 1) return [overChannels(node, math, context, windows, operator, ofChannels)];
    const image = toChannelsFirst(builder, fittedImage(node, builder, context, windows, 0), windows);
    const result = math.apply(operator, [image], attributesOf(node, context, windows));
    return [fromChannelsFirst(builder, result, windows)];
  };

/** Windows over channels lie side by side, without overlap, and have no spatial extent. */
function overChannels(
  node: GraphNode,
  math: TypedMath,
  context: EmitContext,
  windows: Windows,
  operator: 'MaxPool' | 'AveragePool',
  size: number,
): OnnxValue {
  const channels = inputShape(node, 0)![windows.layout.channel]!;
  const stride = intsAttribute(node.attributes, 'strides')[windows.layout.channel];
  const isPlain = windows.isChannelsLast && windows.sizes.every((each) => each === 1) && stride === size;
  if (!isPlain || channels < 0 || channels % size !== 0) context.refuse(node, 'no kernel that pools over channels so');
  const { builder } = math;
  const kept = Array.from({ length: windows.rank - 1 }, () => 0);
  const grouped = builder.node('Reshape', [
    context.value(node.inputs[0]!),
    builder.int64s([...kept, channels / size, size]),
  ]);
  const reduced = operator === 'MaxPool' ? 'ReduceMax' : 'ReduceMean';
  return math.apply(reduced, [grouped], { keepdims: { int: 0 } });
}

const maxPoolWithArgmax: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const windows = windowsOf(node, context);
  const image = toChannelsFirst(builder, fittedImage(node, builder, context, windows, 0), windows);
  const type = math.kernelType('MaxPool');
  const [values, indices] = builder.nodes('MaxPool', [math.to(type, image)], 2, attributesOf(node, context, windows));
  const positions = positionsByRow(node, builder, image, indices!);
  const outputType = node.outputs[1]!.dtype;
  return [
    fromChannelsFirst(builder, math.from(type, values!), windows),
    cast(builder, fromChannelsFirst(builder, positions, windows), 'int64', outputType),
  ];
};

/** Positions in one row of TensorFlow's order, from ONNX's positions in the whole tensor with channels first. */
function positionsByRow(node: GraphNode, builder: OnnxBuilder, image: OnnxValue, indices: OnnxValue): OnnxValue {
  const size = (start: number, end: number) => {
    const sizes = builder.node('Shape', [image], { start: { int: start }, end: { int: end } });
    return builder.node('ReduceProd', [sizes], { keepdims: { int: 0 } });
  };
  const range = (count: OnnxValue, ...axes: number[]) => {
    const numbers = builder.node('Range', [builder.scalar('int64', 0), count, builder.scalar('int64', 1)]);
    return builder.node('Unsqueeze', [numbers, builder.int64s(axes)]);
  };
  const [area, channels] = [size(2, 4), size(1, 2)];
  const inPlane = builder.node('Mod', [indices, area]);
  const inRow = builder.node('Add', [builder.node('Mul', [inPlane, channels]), range(channels, 1, 2)]);
  if (!boolAttribute(node.attributes, 'include_batch_in_index', false)) return inRow;
  const rowSize = builder.node('Mul', [area, channels]);
  return builder.node('Add', [inRow, builder.node('Mul', [range(size(0, 1), 1, 2, 3), rowSize])]);
}

/** Emitters of pooling. */
export const pooling: EmitterTable = {
  MaxPool: pool('MaxPool'),
  MaxPoolV2: pool('MaxPool'),
  MaxPool3D: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  AvgPool3D: pool('AveragePool'),
  MaxPoolWithArgmax: maxPoolWithArgmax,
};
