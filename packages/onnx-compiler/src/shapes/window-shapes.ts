/** Shapes of convolutions, pooling and images. */
import { boolAttribute, intAttribute, intsAttribute, textAttribute } from '../graph/attribute-readers.js';
import { type Dimension, type Dimensions, multiplyDimensions } from './dimension.js';
import { shapeFromVector } from './movement-shapes.js';
import { forAll, type ShapeContext, type ShapeFunction, type ShapeFunctions } from './shape-function.js';

/** Where the dimensions of an image operation are. */
export interface ImageLayout {
  readonly channel: number;
  readonly spatial: readonly number[];
}

/** Reads `data_format` for a tensor of a rank. */
export function imageLayout(context: Pick<ShapeContext, 'node'>, rank: number): ImageLayout {
  const format = textAttribute(context.node.attributes, 'data_format', 'NHWC');
  const isFirst = format.startsWith('NC');
  const spatial = Array.from({ length: rank - 2 }, (_, i) => i + (isFirst ? 2 : 1));
  return { channel: isFirst ? 1 : rank - 1, spatial };
}

/** The number of positions of a window along a dimension of known size. */
function windowCount(
  size: number,
  window: number,
  stride: number,
  padding: string,
  explicit: readonly [number, number] = [0, 0],
): number {
  if (padding === 'SAME') return Math.ceil(size / stride);
  return Math.max(0, Math.floor((size + explicit[0] + explicit[1] - window) / stride) + 1);
}

const windows = (
  context: ShapeContext,
  shape: readonly Dimension[],
  layout: ImageLayout,
  windowSizes: readonly (Dimension | undefined)[],
): Dimension[] => {
  const strides = intsAttribute(context.node.attributes, 'strides', []);
  const padding = textAttribute(context.node.attributes, 'padding', 'VALID');
  const explicit = intsAttribute(context.node.attributes, 'explicit_paddings', []);
  const result = [...shape];
  for (const [i, dimension] of layout.spatial.entries()) {
    const [size, window, stride] = [shape[dimension]!, windowSizes[i], strides[dimension] ?? 1];
    if (padding === 'SAME' && stride === 1) continue;
    if (typeof size !== 'number' || typeof window !== 'number') {
      result[dimension] =
        padding === 'VALID' && window === 1 && stride === 1 ? size : context.unknown(0, dimension, false);
      continue;
    }
    const pads = [explicit[2 * dimension] ?? 0, explicit[2 * dimension + 1] ?? 0] as const;
    result[dimension] = windowCount(size, window, stride, padding, pads);
  }
  return result;
};

const convolution =
  (isDepthwise: boolean): ShapeFunction =>
  (context) => {
    const [shape, filter] = [context.shape(0), context.shape(1)];
    if (shape === undefined || filter === undefined || filter.length !== shape.length) return [undefined];
    const layout = imageLayout(context, shape.length);
    const dilations = intsAttribute(context.node.attributes, 'dilations', []);
    const sizes = layout.spatial.map((dimension, i) => {
      const size = filter[i]!;
      return typeof size === 'number' ? (size - 1) * (dilations[dimension] ?? 1) + 1 : size;
    });
    const channels = isDepthwise ? multiplyDimensions(filter.at(-2)!, filter.at(-1)!) : filter.at(-1)!;
    return [windows(context, shape, layout, sizes).with(layout.channel, channels)];
  };

const pooling: ShapeFunction = (context) => {
  const shape = context.shape(0);
  if (shape === undefined) return [undefined];
  const ksize = intsAttribute(context.node.attributes, 'ksize', []);
  if (ksize.length !== shape.length) return [undefined];
  const all = { channel: 0, spatial: shape.map((_, i) => i) };
  const result = windows(context, shape, all, ksize);
  return [result, result];
};

const batchNorm: ShapeFunction = (context) => [
  context.shape(0),
  ...context.node.outputs.slice(1).map((_, i) => (i < 4 ? context.shape(1) : undefined)),
];

const resize: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const size = context.vector(1);
  if (shape?.length !== 4) return [undefined];
  const at = (i: 0 | 1) => {
    const asked = size?.[i];
    return asked === undefined || (asked as number) < 0 ? context.unknown(0, i + 1, false) : asked;
  };
  return [[shape[0]!, at(0), at(1), shape[3]!]];
};

const cropAndResize: ShapeFunction = (context) => {
  const [image, boxes, size] = [context.shape(0), context.shape(1), context.vector(3)];
  if (image?.length !== 4 || boxes === undefined) return [undefined];
  return [[boxes[0]!, size?.[0] ?? context.unknown(0, 1, false), size?.[1] ?? context.unknown(0, 2, false), image[3]!]];
};

const suppression: ShapeFunction = (context) => {
  const isPadded = boolAttribute(context.node.attributes, 'pad_to_max_output_size', false);
  const limit = context.vector(2)?.[0];
  const found: Dimensions = [isPadded && limit !== undefined ? limit : context.unknown(0, 0)];
  return context.node.op === 'NonMaxSuppressionV5' ? [found, found, []] : [found, []];
};

const combinedSuppression: ShapeFunction = (context) => {
  const [boxes, scores] = [context.shape(0), context.shape(1)];
  const [perClass, total] = [context.numbers(2)?.[0], context.numbers(3)?.[0]];
  const batch = boxes?.[0];
  if (batch === undefined || perClass === undefined || total === undefined) return [];
  const classes = scores?.[2];
  const isLimited = boolAttribute(context.node.attributes, 'pad_per_class', false) && typeof classes === 'number';
  const count = isLimited ? Math.min(total, perClass * classes) : total;
  return [[batch, count, 4], [batch, count], [batch, count], [batch]];
};

const patches: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const [ksizes, rates] = [
    intsAttribute(context.node.attributes, 'ksizes', []),
    intsAttribute(context.node.attributes, 'rates', []),
  ];
  if (shape?.length !== 4 || ksizes.length !== 4) return [undefined];
  const sizes = [1, 2].map((i) => (ksizes[i]! - 1) * (rates[i] ?? 1) + 1);
  const result = windows(context, shape, { channel: 3, spatial: [1, 2] }, sizes);
  return [result.with(3, multiplyDimensions(shape[3]!, ksizes[1]! * ksizes[2]!))];
};

/** Shape functions of convolutions, pooling and images. */
export const windowShapes: ShapeFunctions = {
  ...forAll(['Conv2D', 'Conv3D', '_FusedConv2D'], convolution(false)),
  DepthwiseConv2dNative: convolution(true),
  ...forAll(['Conv2DBackpropInput', 'Conv2DBackpropInputV2', 'Conv3DBackpropInputV2'], (context) => [
    shapeFromVector(context, 0),
  ]),
  ...forAll(['MaxPool', 'MaxPool3D', 'AvgPool', 'AvgPool3D', 'MaxPoolWithArgmax'], pooling),
  ...forAll(['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3', '_FusedBatchNormEx'], batchNorm),
  ...forAll(['ResizeBilinear', 'ResizeNearestNeighbor', 'ResizeBicubic', 'ResizeArea', 'ScaleAndTranslate'], resize),
  CropAndResize: cropAndResize,
  ...forAll(['NonMaxSuppression', 'NonMaxSuppressionV2', 'NonMaxSuppressionV3'], suppression),
  ...forAll(['NonMaxSuppressionV4', 'NonMaxSuppressionV5'], suppression),
  CombinedNonMaxSuppression: combinedSuppression,
  ExtractImagePatches: patches,
  DecodeJpeg: (context) => {
    const channels = intAttribute(context.node.attributes, 'channels', 0);
    return [[context.unknown(0, 0, false), context.unknown(0, 1, false), channels || context.unknown(0, 2, false)]];
  },
};
