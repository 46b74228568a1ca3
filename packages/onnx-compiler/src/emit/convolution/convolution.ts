/** Convolutions. */
import type { ConstantValue, GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { inputRank, inputShape, inputType } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';
import { permutedConstant } from './permuted-constant.js';
import { fittedImage, fromChannelsFirst, paddingAttributes, readWindows, toChannelsFirst } from './windows.js';

/** The filter in ONNX's layout: in TypeScript where it is constant. */
export function filterValue(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  filter: number,
  order: readonly number[],
): OnnxValue {
  const constant = node.inputs[filter]!.node.constant;
  if (constant !== undefined) return builder.weights(permutedConstant(constant, order));
  return builder.node('Transpose', [context.value(node.inputs[filter]!)], { perm: { ints: order } });
}

/** Sizes of the filter, all of which must be known; it has as many as the image, an input too. */
export function filterShape(node: GraphNode, context: EmitContext, filter: number, image: number): readonly number[] {
  const shape = inputShape(node, filter);
  const rank = inputRank(node, image, context);
  if (!shape?.every((size) => size > 0)) return context.refuse(node, 'needs a filter of known shape');
  const isSpatial = rank >= 3 && shape.length === rank;
  return isSpatial ? shape : context.refuse(node, `needs a filter of rank ${rank} (got ${shape.length})`);
}

/** `[height, width, in, out]`, in any number of spatial dimensions, to `[out, in, height, width]`. */
const denseOrder = (rank: number): number[] => [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, i) => i)];

const dense: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const shape = filterShape(node, context, 1, 0);
  const windows = readWindows(node, context, 0, () => shape.slice(0, -2));
  const channels = inputShape(node, 0)![windows.layout.channel]!;
  const depth = shape.at(-2)!;
  if (channels < 0) context.refuse(node, 'needs a known number of channels');
  if (channels % depth !== 0 || shape.at(-1)! % (channels / depth) !== 0) {
    context.refuse(node, `input depth must be evenly divisible by filter depth: ${channels} vs ${depth}`);
  }
  const image = toChannelsFirst(builder, fittedImage(node, builder, context, windows, 0), windows);
  const bias = node.inputs[2] ? [context.value(node.inputs[2])] : [];
  const result = math.apply(
    'Conv',
    [image, filterValue(node, builder, context, 1, denseOrder(shape.length)), ...bias],
    {
      kernel_shape: { ints: windows.sizes },
      strides: { ints: windows.strides },
      dilations: { ints: windows.dilations },
      group: { int: channels / depth },
      ...paddingAttributes(node, context, windows, 0),
    },
  );
  return [fromChannelsFirst(builder, result, windows)];
};

/** The filter `[height, width, channels, multiplier]` as one of `[channels · multiplier, 1, height, width]`. */
function depthwiseFilter(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  shape: readonly number[],
): OnnxValue {
  const [height, width, channels, multiplier] = shape as [number, number, number, number];
  const result = [channels * multiplier, 1, height, width];
  const constant: ConstantValue | undefined = node.inputs[1]!.node.constant;
  if (constant !== undefined) return builder.weights(permutedConstant(constant, [2, 3, 0, 1], result));
  return builder.node('Reshape', [filterValue(node, builder, context, 1, [2, 3, 0, 1]), builder.int64s(result)]);
}

const depthwise: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const shape = filterShape(node, context, 1, 0);
  if (shape.length !== 4) context.refuse(node, `needs a filter of rank 4 (got ${shape.length})`);
  const windows = readWindows(node, context, 0, () => shape.slice(0, 2));
  const image = toChannelsFirst(builder, fittedImage(node, builder, context, windows, 0), windows);
  const bias = node.inputs[2] ? [context.value(node.inputs[2])] : [];
  const result = math.apply('Conv', [image, depthwiseFilter(node, builder, context, shape), ...bias], {
    kernel_shape: { ints: windows.sizes },
    strides: { ints: windows.strides },
    dilations: { ints: windows.dilations },
    group: { int: shape[2]! },
    ...paddingAttributes(node, context, windows, 0),
  });
  return [fromChannelsFirst(builder, result, windows)];
};

/** Emitters of convolutions. A third input, which rewriters add, is the bias. */
export const convolutions: EmitterTable = {
  Conv2D: dense,
  Conv3D: dense,
  DepthwiseConv2dNative: depthwise,
};
