/** Blocks of space moved into channels or the batch, and back. */

import { intAttribute, textAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { asVector } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, inputShape, inputType, knownNumbers } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';
import { combine, reshaped, type Size, sizesOf, sizeVector } from './sizes.js';

const range = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i);

const transposed = (builder: OnnxBuilder, value: OnnxValue, perm: readonly number[]): OnnxValue =>
  builder.node('Transpose', [value], { perm: { ints: perm } });

function knownShape(node: GraphNode, context: EmitContext): readonly number[] {
  return inputShape(node, 0) ?? context.refuse(node, 'needs a known rank');
}

/** The sizes of an image batch, whatever the layout. */
interface ImageSizes {
  readonly isChannelsFirst: boolean;
  readonly batch: Size;
  readonly height: Size;
  readonly width: Size;
  readonly channels: Size;
}

function imageSizes(node: GraphNode, value: OnnxValue, builder: OnnxBuilder, context: EmitContext): ImageSizes {
  const format = textAttribute(node.attributes, 'data_format', 'NHWC');
  if (format !== 'NHWC' && format !== 'NCHW') context.refuse(node, `no ONNX operator for ${format}`);
  const isChannelsFirst = format === 'NCHW';
  const sizes = sizesOf(builder, value, knownShape(node, context));
  const [height, width, channels] = isChannelsFirst ? [2, 3, 1] : [1, 2, 3];
  return {
    isChannelsFirst,
    batch: sizes[0]!,
    height: sizes[height!]!,
    width: sizes[width!]!,
    channels: sizes[channels!]!,
  };
}

const spaceToDepth: Emitter = (node, builder, context) => {
  const block = intAttribute(node.attributes, 'block_size');
  const value = context.value(node.inputs[0]!);
  const { isChannelsFirst, batch, height, width, channels } = imageSizes(node, value, builder, context);
  const [rows, columns] = [height, width].map((size) => combine(builder, 'Div', size, block));
  const depth = combine(builder, 'Mul', channels, block * block);
  if (isChannelsFirst) {
    const split = reshaped(builder, value, [batch, channels, rows!, block, columns!, block]);
    return [reshaped(builder, transposed(builder, split, [0, 3, 5, 1, 2, 4]), [batch, depth, rows!, columns!])];
  }
  const split = reshaped(builder, value, [batch, rows!, block, columns!, block, channels]);
  return [reshaped(builder, transposed(builder, split, [0, 1, 3, 2, 4, 5]), [batch, rows!, columns!, depth])];
};

const depthToSpace: Emitter = (node, builder, context) => {
  const block = intAttribute(node.attributes, 'block_size');
  const value = context.value(node.inputs[0]!);
  const { isChannelsFirst, batch, height, width, channels } = imageSizes(node, value, builder, context);
  const [rows, columns] = [height, width].map((size) => combine(builder, 'Mul', size, block));
  const depth = combine(builder, 'Div', channels, block * block);
  if (isChannelsFirst) {
    const split = reshaped(builder, value, [batch, block, block, depth, height, width]);
    return [reshaped(builder, transposed(builder, split, [0, 3, 4, 1, 5, 2]), [batch, depth, rows!, columns!])];
  }
  const split = reshaped(builder, value, [batch, height, width, block, block, depth]);
  return [reshaped(builder, transposed(builder, split, [0, 1, 3, 2, 4, 5]), [batch, rows!, columns!, depth])];
};

/** Block sizes, and borders in front of and behind each spatial dimension. */
interface BlockPlan {
  readonly blocks: readonly number[];
  readonly low: readonly Size[];
  readonly high: readonly Size[];
}

/** Reads the forms with vectors and with one number. */
function blockPlan(node: GraphNode, borders: string, builder: OnnxBuilder, context: EmitContext): BlockPlan {
  const isVector = node.op.endsWith('ND');
  const block = isVector ? 0 : intAttribute(node.attributes, 'block_size');
  const blocks = isVector ? constantNumbers(node, 1, 'block_shape', context) : [block, block];
  const index = isVector ? 2 : 1;
  const known = knownNumbers(node, index, context);
  if (known?.some((width) => width < 0)) context.refuse(node, `${borders} must not be negative (got [${known}])`);
  const vector = known ? undefined : asVector(builder, context.value(node.inputs[index]!), inputType(node, index));
  const border = (place: number): Size =>
    vector === undefined ? known![place]! : builder.node('Gather', [vector, builder.int64s([place])]);
  return {
    blocks,
    low: blocks.map((_, i) => border(2 * i)),
    high: blocks.map((_, i) => border(2 * i + 1)),
  };
}

const product = (numbers: readonly number[]): number => numbers.reduce((result, number) => result * number, 1);

const spaceToBatch: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const { blocks, low, high } = blockPlan(node, 'paddings', builder, context);
  const shape = knownShape(node, context);
  const value = context.value(node.inputs[0]!);
  const [spatial, rest] = [blocks.length, shape.length - blocks.length - 1];
  const none = range(rest).map(() => 0);
  const pads = sizeVector(builder, [0, ...low, ...none, 0, ...high, ...none]);
  const isPadded = [...low, ...high].some((width) => width !== 0);
  const padded = isPadded ? math.move('Pad', value, [pads]) : value;
  const sizes = sizesOf(builder, value, shape);
  const inner = blocks.map((block, i) => {
    const border = combine(builder, 'Add', low[i]!, high[i]!);
    return combine(builder, 'Div', combine(builder, 'Add', sizes[i + 1]!, border), block);
  });
  const tail = sizes.slice(1 + spatial);
  const split = reshaped(builder, padded, [sizes[0]!, ...inner.flatMap((size, i) => [size, blocks[i]!]), ...tail]);
  const places = range(spatial).map((i) => 1 + 2 * i);
  const perm = [...places.map((i) => i + 1), 0, ...places, ...range(rest, 1 + 2 * spatial)];
  const batch = combine(builder, 'Mul', sizes[0]!, product(blocks));
  return [reshaped(builder, transposed(builder, split, perm), [batch, ...inner, ...tail])];
};

const batchToSpace: Emitter = (node, builder, context) => {
  const { blocks, low, high } = blockPlan(node, 'crops', builder, context);
  const shape = knownShape(node, context);
  const value = context.value(node.inputs[0]!);
  const spatial = blocks.length;
  const sizes = sizesOf(builder, value, shape);
  const batch = combine(builder, 'Div', sizes[0]!, product(blocks));
  const inner = sizes.slice(1, 1 + spatial);
  const tail = sizes.slice(1 + spatial);
  const split = reshaped(builder, value, [...blocks, batch, ...inner, ...tail]);
  const perm = [
    spatial,
    ...range(spatial).flatMap((i) => [spatial + 1 + i, i]),
    ...range(tail.length, 2 * spatial + 1),
  ];
  const whole = inner.map((size, i) => combine(builder, 'Mul', size, blocks[i]!));
  const result = reshaped(builder, transposed(builder, split, perm), [batch, ...whole, ...tail]);
  if ([...low, ...high].every((width) => width === 0)) return [result];
  const ends = whole.map((size, i) => combine(builder, 'Sub', size, high[i]!));
  const axes = builder.int64s(range(spatial, 1));
  return [builder.node('Slice', [result, sizeVector(builder, low), sizeVector(builder, ends), axes])];
};

export const blocks: EmitterTable = {
  SpaceToDepth: spaceToDepth,
  DepthToSpace: depthToSpace,
  SpaceToBatchND: spaceToBatch,
  SpaceToBatch: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  BatchToSpace: batchToSpace,
};
