/** Blocks of space moved into channels or the batch, and back. */
import type { GraphNode } from '../../graph/graph.js';
import { integerAttribute, textAttribute } from '../../graph/read-attribute.js';
import { sliced, TO_THE_END } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, inputShape, inputType } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';
import { combine, reshaped, type Size, sizesOf } from './sizes.js';

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
  const format = textAttribute(node, 'data_format', 'NHWC');
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
  const block = integerAttribute(node, 'block_size');
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
  const block = integerAttribute(node, 'block_size');
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

/** Block sizes and borders of the forms with vectors and with one number. */
function blockPlan(node: GraphNode, context: EmitContext): { blocks: number[]; borders: number[] } {
  if (node.op.endsWith('ND')) {
    return {
      blocks: constantNumbers(node, 1, 'block_shape', context),
      borders: constantNumbers(node, 2, node.op === 'SpaceToBatchND' ? 'paddings' : 'crops', context),
    };
  }
  const block = integerAttribute(node, 'block_size');
  return { blocks: [block, block], borders: constantNumbers(node, 1, 'borders', context) };
}

const product = (numbers: readonly number[]): number => numbers.reduce((result, number) => result * number, 1);

const spaceToBatch: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const { blocks, borders } = blockPlan(node, context);
  const shape = knownShape(node, context);
  const value = context.value(node.inputs[0]!);
  const [spatial, rest] = [blocks.length, shape.length - blocks.length - 1];
  const [low, high] = [0, 1].map((side) => borders.filter((_, i) => i % 2 === side));
  const none = range(rest).map(() => 0);
  const padded = borders.every((width) => width === 0)
    ? value
    : math.move('Pad', value, [builder.int64s([0, ...low!, ...none, 0, ...high!, ...none])]);
  const sizes = sizesOf(builder, value, shape);
  const inner = blocks.map((block, i) => {
    const size = combine(builder, 'Add', sizes[i + 1]!, low![i]! + high![i]!);
    return combine(builder, 'Div', size, block);
  });
  const tail = sizes.slice(1 + spatial);
  const split = reshaped(builder, padded, [sizes[0]!, ...inner.flatMap((size, i) => [size, blocks[i]!]), ...tail]);
  const places = range(spatial).map((i) => 1 + 2 * i);
  const perm = [...places.map((i) => i + 1), 0, ...places, ...range(rest, 1 + 2 * spatial)];
  const batch = combine(builder, 'Mul', sizes[0]!, product(blocks));
  return [reshaped(builder, transposed(builder, split, perm), [batch, ...inner, ...tail])];
};

const batchToSpace: Emitter = (node, builder, context) => {
  const { blocks, borders } = blockPlan(node, context);
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
  let result = reshaped(builder, transposed(builder, split, perm), [batch, ...whole, ...tail]);
  for (let i = 0; i < spatial; i++) {
    const [low, high] = [borders[2 * i]!, borders[2 * i + 1]!];
    if (low !== 0 || high !== 0) result = sliced(builder, result, i + 1, low, high === 0 ? TO_THE_END : -high);
  }
  return [result];
};

export const blocks: EmitterTable = {
  SpaceToDepth: spaceToDepth,
  DepthToSpace: depthToSpace,
  SpaceToBatchND: spaceToBatch,
  SpaceToBatch: spaceToBatch,
  BatchToSpaceND: batchToSpace,
  BatchToSpace: batchToSpace,
};
