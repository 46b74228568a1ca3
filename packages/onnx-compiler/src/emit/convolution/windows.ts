/** Windows that move over the spatial dimensions of an image. */

import { intsAttribute, textAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { type ImageLayout, imageLayout } from '../../shapes/window-shapes.js';
import type { EmitContext, OnnxAttribute, OnnxBuilder, OnnxValue } from '../emitter.js';
import { inputRank, inputShape } from '../node-inputs.js';

/** A node's windows: everything by spatial dimension. */
export interface Windows {
  readonly rank: number;
  readonly layout: ImageLayout;
  readonly isChannelsLast: boolean;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: string;
  /** Widths before and after each dimension, for explicit padding. */
  readonly explicit: readonly (readonly [number, number])[];
}

/** Reads the attributes of a convolution or pooling over input `image`. */
export function readWindows(
  node: GraphNode,
  context: EmitContext,
  image: number,
  sizes: (layout: ImageLayout) => readonly number[],
): Windows {
  const rank = inputRank(node, image, context);
  const format = textAttribute(node.attributes, 'data_format', 'NHWC');
  if (format.includes('VECT')) context.refuse(node, `no kernel for data format ${format}`);
  const layout = imageLayout({ node }, rank);
  const bySpace = (name: string): number[] => {
    const all = intsAttribute(node.attributes, name, []);
    return layout.spatial.map((dimension) => all[dimension] ?? 1);
  };
  const pads = intsAttribute(node.attributes, 'explicit_paddings', []);
  for (const name of ['strides', 'dilations', 'ksize']) {
    const wrong = intsAttribute(node.attributes, name, []).find((value) => value < 1);
    if (wrong !== undefined) context.refuse(node, `needs positive ${name} (got ${wrong})`);
  }
  return {
    rank,
    layout,
    isChannelsLast: layout.channel !== 1,
    sizes: sizes(layout),
    strides: bySpace('strides'),
    dilations: bySpace('dilations'),
    padding: textAttribute(node.attributes, 'padding', 'VALID'),
    explicit: layout.spatial.map((dimension) => [pads[2 * dimension] ?? 0, pads[2 * dimension + 1] ?? 0]),
  };
}

/** The extent of a window along a spatial dimension, gaps of dilation included. */
export function extent({ sizes, dilations }: Windows, i: number): number {
  return (sizes[i]! - 1) * dilations[i]! + 1;
}

/** The image with channels as its second dimension. */
export function toChannelsFirst(builder: OnnxBuilder, value: OnnxValue, { rank, isChannelsLast }: Windows): OnnxValue {
  if (!isChannelsLast) return value;
  return builder.node('Transpose', [value], { perm: { ints: channelsFirstOrder(rank) } });
}

/** A result with channels where the node has them. */
export function fromChannelsFirst(
  builder: OnnxBuilder,
  value: OnnxValue,
  { rank, isChannelsLast }: Windows,
): OnnxValue {
  if (!isChannelsLast) return value;
  return builder.node('Transpose', [value], { perm: { ints: channelsLastOrder(rank) } });
}

/** The order of dimensions that puts the last one second. */
function channelsFirstOrder(rank: number): number[] {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
}

/** The order of dimensions that puts the second one last. */
function channelsLastOrder(rank: number): number[] {
  return [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
}

/**
 * Attributes for ONNX's padding. Sizes that are known give widths; for others `auto_pad` or widths that hold for every size.
 * Refuses what needs a size that is unknown.
 */
export function paddingAttributes(
  node: GraphNode,
  context: EmitContext,
  windows: Windows,
  image: number,
): Record<string, OnnxAttribute> {
  const { padding, explicit, layout, strides, dilations } = windows;
  if (padding === 'VALID') return {};
  if (padding === 'EXPLICIT') return padsOf(explicit);
  const shape = inputShape(node, image);
  const widths = layout.spatial.map((dimension, i) => samePadding(shape?.[dimension] ?? -1, windows, i));
  if (widths.every((width) => width !== undefined)) return padsOf(widths);
  if (dilations.every((dilation) => dilation === 1)) return { auto_pad: { string: 'SAME_UPPER' } };
  return context.refuse(node, `needs known sizes for stride ${strides} and dilation ${dilations} with padding SAME`);
}

const padsOf = (widths: readonly (readonly [number, number])[]): Record<string, OnnxAttribute> => ({
  pads: { ints: [...widths.map(([before]) => before), ...widths.map(([, after]) => after)] },
});

/** Widths of SAME along a dimension; for unknown sizes (−1) only where every size has the same. */
function samePadding(size: number, windows: Windows, i: number): readonly [number, number] | undefined {
  const stride = windows.strides[i]!;
  if (size < 0 && stride !== 1) return undefined;
  const covered =
    size < 0 ? extent(windows, i) - 1 : (Math.ceil(size / stride) - 1) * stride + extent(windows, i) - size;
  const total = Math.max(covered, 0);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/**
 * The image, checked so that every window fits into it. Sizes that are known are checked now, others in the run before the window
 * moves: a shape that doesn't hold the image's elements ends the run there.
 */
export function fittedImage(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  windows: Windows,
  image: number,
): OnnxValue {
  const value = context.value(node.inputs[image]!);
  const { padding, explicit, layout } = windows;
  if (padding === 'SAME') return value;
  const shape = inputShape(node, image)!;
  const unsure = layout.spatial.flatMap((dimension, i) => {
    const [before, after] = explicit[i]!;
    const least = extent(windows, i) - before - after;
    const size = shape[dimension]!;
    if (size >= 0 && size < least) {
      return context.refuse(node, `a window of ${extent(windows, i)} does not fit into a size of ${size}`);
    }
    return size >= 0 || least <= leastSize(node, image, dimension) ? [] : [{ dimension, least }];
  });
  if (unsure.length === 0) return value;
  const sizes = builder.node('Shape', [value]);
  const least = windows.layout.spatial.length + 2;
  const minimum = Array.from({ length: least }, (_, d) => unsure.find(({ dimension }) => dimension === d)?.least ?? 0);
  const isShort = builder.node('Less', [sizes, builder.int64s(minimum)]);
  const broken = builder.node('Where', [isShort, builder.int64s(minimum), sizes]);
  return builder.node('Reshape', [value, broken], { allowzero: { int: 1 } });
}

/** The least size of a dimension: padding of constant widths is always there. */
function leastSize(node: GraphNode, image: number, dimension: number): number {
  const source = node.inputs[image]!.node;
  const widths = ['Pad', 'PadV2', 'MirrorPad'].includes(source.op) ? source.inputs[1]?.node.constant : undefined;
  if (widths === undefined) return 1;
  const numbers = Array.from(widths.tensor().data as Iterable<number | bigint>, Number);
  return 1 + (numbers[2 * dimension] ?? 0) + (numbers[2 * dimension + 1] ?? 0);
}
