/** Padding with zeros in front of a convolution becomes the convolution's own. */
import { intsAttribute, textAttribute } from '../graph/attribute-readers.js';
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint } from '../graph/graph.js';
import { newNode } from '../graph/new-node.js';
import { imageLayout } from '../shapes/window-shapes.js';
import { numbersOf, producer, sameEndpoint, shapeOf, uniformOf } from './graph-view.js';
import type { Rewriter } from './rewriter.js';
import { traceElement, type VectorElement } from './vector-element.js';

const text = (value: string): AttributeValue => ({ kind: 'bytes', value: new TextEncoder().encode(value) });
const integers = (values: readonly number[]): AttributeValue => ({
  kind: 'list',
  value: values.map((value) => ({ kind: 'int', value: BigInt(value) })),
});

/** `Pad → Conv VALID` with constant widths over spatial dimensions. */
export const foldPadding: Rewriter = (node, view) => {
  if (!['Conv2D', 'Conv3D', 'DepthwiseConv2dNative'].includes(node.op)) return undefined;
  const padding = textAttribute(node.attributes, 'padding', 'VALID');
  const pad = view.inner(node.inputs[0], 'Pad', 'PadV2');
  const rank = shapeOf(node.inputs[0]!)?.length;
  if (pad === undefined || rank === undefined || padding !== 'VALID') return undefined;
  if (pad.op === 'PadV2' && uniformOf(pad.inputs[2]) !== 0) return undefined;
  const widths = numbersOf(pad.inputs[1]);
  if (widths?.length !== 2 * rank || widths.some((width) => width < 0)) return undefined;
  const { spatial } = imageLayout({ node }, rank);
  if (widths.some((width, i) => width !== 0 && !spatial.includes(i >> 1))) return undefined;
  const result = newNode(node.op, node.name, [pad.inputs[0]!, ...node.inputs.slice(1)], node.outputs);
  result.attributes = new Map([
    ...node.attributes,
    ['padding', text('EXPLICIT')],
    ['explicit_paddings', integers(widths)],
  ]);
  return [{ node: result, index: 0 }];
};

/** `SpaceToBatchND → Conv VALID → BatchToSpaceND` becomes a convolution with gaps between the filter's elements. */
export const foldDilation: Rewriter = (node, view) => {
  if (node.op !== 'BatchToSpaceND') return undefined;
  const bias = view.inner(node.inputs[0], 'BiasAdd');
  const squeeze = view.inner(bias ? bias.inputs[0] : node.inputs[0], 'Squeeze');
  const conv = view.inner((squeeze ?? bias ?? node).inputs[0], 'Conv2D', 'DepthwiseConv2dNative', 'Conv3D');
  const expand = squeeze && conv ? view.inner(conv.inputs[0], 'ExpandDims') : undefined;
  const split = conv && view.inner((expand ?? conv).inputs[0], 'SpaceToBatchND');
  if (conv === undefined || split === undefined || (squeeze === undefined) !== (expand === undefined)) return undefined;
  const rank = shapeOf(conv.inputs[0]!)?.length;
  const added = expand ? addedAxis(numbersOf(expand.inputs[1])?.[0], rank) : undefined;
  const blocks = numbersOf(split.inputs[1]);
  if (rank === undefined || !blocks || String(blocks) !== String(numbersOf(node.inputs[1]))) return undefined;
  if (textAttribute(conv.attributes, 'padding') !== 'VALID' || (expand && added === undefined)) return undefined;
  const { spatial, channel } = imageLayout({ node: conv }, rank);
  if (channel !== rank - 1 || intsAttribute(conv.attributes, 'strides', []).some((stride) => stride !== 1))
    return undefined;
  if (intsAttribute(conv.attributes, 'dilations', []).some((dilation) => dilation !== 1)) return undefined;
  const dilations = new Array<number>(rank).fill(1);
  const widths = new Array<number>(2 * rank).fill(0);
  const dimensions = spatial.filter((dimension) => dimension !== added).slice(0, blocks.length);
  if (dimensions.length !== blocks.length) return undefined;
  for (const [i, dimension] of dimensions.entries()) {
    const widthsOf = cutWidths(split.inputs[2]!, node.inputs[2]!, i, blocks[i]!);
    if (widthsOf === undefined) return undefined;
    dilations[dimension] = blocks[i]!;
    [widths[2 * dimension], widths[2 * dimension + 1]] = widthsOf;
  }
  const from = split.inputs[0]!;
  const conv2 = newNode(conv.op, conv.name, [from, ...conv.inputs.slice(1)], conv.outputs);
  conv2.attributes = new Map([
    ...conv.attributes,
    ['padding', text('EXPLICIT')],
    ['explicit_paddings', integers(widths)],
    ['dilations', integers(dilations)],
  ]);
  const unknown = conv.outputs.map(({ dtype }) => ({
    dtype,
    shape: new Array<number>(rank).fill(-1).with(channel, conv.outputs[0]!.shape?.[channel] ?? -1),
  }));
  conv2.outputs = unknown;
  let result = conv2;
  if (expand !== undefined && squeeze !== undefined) {
    const shape = shapeOf(from)!.toSpliced(added!, 0, 1);
    const wide = newNode(
      'ExpandDims',
      expand.name,
      [from, expand.inputs[1]!],
      [{ dtype: expand.outputs[0]!.dtype, shape }],
    );
    conv2.inputs[0] = { node: wide, index: 0 };
    result = newNode('Squeeze', squeeze.name, [{ node: conv2, index: 0 }], node.outputs);
    result.attributes = squeeze.attributes;
  }
  if (bias !== undefined) {
    const sum = newNode('BiasAdd', bias.name, [{ node: result, index: 0 }, bias.inputs[1]!], node.outputs);
    sum.attributes = bias.attributes;
    result = sum;
  }
  return [{ node: result, index: 0 }];
};

const addedAxis = (axis: number | undefined, rank: number | undefined): number | undefined => {
  if (axis === undefined || rank === undefined) return undefined;
  return axis < 0 ? axis + rank : axis;
};

/**
 * Padding of a dimension without what is cut off at its end. That may be a remainder that is known in the run alone, when the same is
 * part of the padding.
 */
function cutWidths(pads: Endpoint, crops: Endpoint, i: number, block: number): [number, number] | undefined {
  const [low, high] = [traceElement(pads, 2 * i), traceElement(pads, 2 * i + 1)];
  const [before, after] = [traceElement(crops, 2 * i), traceElement(crops, 2 * i + 1)];
  if (low.from !== undefined || before.from !== undefined || before.plus !== 0) return undefined;
  const isSame = sameEndpoint(high.from?.source, after.from?.source) && high.from?.index === after.from?.index;
  if (!(high.from === undefined && after.from === undefined) && !(isSame && isRemainder(after, block)))
    return undefined;
  const isPart = after.from !== undefined ? after.plus === 0 : after.plus >= 0 && after.plus < block;
  const width = high.plus - after.plus;
  return isPart && low.plus >= 0 && width >= 0 ? [low.plus, width] : undefined;
}

function isRemainder({ from }: VectorElement, block: number): boolean {
  const remainder = producer(from?.source, 'FloorMod');
  return remainder !== undefined && numbersOf(remainder.inputs[1])?.[from!.index] === block;
}

/** A constant per channel after `Conv → Squeeze`, as convolutions over one dimension have it, moves in front of the squeeze. */
export const constantBeforeSqueeze: Rewriter = (node, view) => {
  if (!['BiasAdd', 'AddV2', 'Mul'].includes(node.op)) return undefined;
  for (const [value, constant] of node.op === 'BiasAdd' ? [node.inputs] : [node.inputs, node.inputs.toReversed()]) {
    const squeeze = view.inner(value, 'Squeeze');
    const conv = squeeze && view.inner(squeeze.inputs[0], 'Conv2D', 'DepthwiseConv2dNative');
    const channels = conv && shapeOf({ node: conv, index: 0 })?.at(-1);
    if (conv === undefined || squeeze === undefined || textAttribute(conv.attributes, 'data_format', 'NHWC') !== 'NHWC')
      continue;
    const axes = intsAttribute(squeeze.attributes, 'squeeze_dims', []);
    const isOfChannels = constant!.node.constant?.shape.length === 1 && constant!.node.constant.shape[0] === channels;
    if (!isOfChannels || axes.length !== 1 || ![1, 2, -3, -2].includes(axes[0]!)) continue;
    const moved = newNode(node.op, node.name, [squeeze.inputs[0]!, constant!], conv.outputs);
    moved.attributes = node.attributes;
    const result = newNode('Squeeze', squeeze.name, [{ node: moved, index: 0 }], node.outputs);
    result.attributes = squeeze.attributes;
    return [{ node: result, index: 0 }];
  }
  return undefined;
};
