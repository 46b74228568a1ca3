/** Transposed convolutions. Their output's size is an input. */
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, OnnxAttribute, OnnxBuilder, OnnxValue } from '../emitter.js';
import { inputShape, inputType } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';
import { filterShape, filterValue } from './convolution.js';
import { extent, fromChannelsFirst, readWindows, toChannelsFirst, type Windows } from './windows.js';

/** Sizes whose widths of padding are known: the output's and the input's, or that one is the other times the stride. */
function knownPads(node: GraphNode, windows: Windows): Record<string, OnnxAttribute> | undefined {
  const [input, output] = [inputShape(node, 2), node.outputs[0]!.shape];
  const pads = windows.layout.spatial.map((dimension, i) => {
    const [size, result, stride] = [input?.[dimension] ?? -1, output?.[dimension] ?? -1, windows.strides[i]!];
    const isMultiple = node.attributes.get('_is_multiple')?.kind === 'bool';
    if (size < 0 || result < 0) return isMultiple ? sizes(windows, i, extent(windows, i) - stride) : undefined;
    return sizes(windows, i, (size - 1) * stride + extent(windows, i) - result);
  });
  if (!pads.every((pad) => pad !== undefined)) return undefined;
  return {
    pads: { ints: [...pads.map(({ before }) => before), ...pads.map(({ after }) => after)] },
    output_padding: { ints: pads.map(({ added }) => added) },
  };
}

/** How much of the full result is cut off on both sides, or added at the end. */
function sizes({ padding, explicit, strides }: Windows, i: number, surplus: number) {
  const before =
    padding === 'SAME' ? Math.floor(Math.max(surplus, 0) / 2) : padding === 'EXPLICIT' ? explicit[i]![0] : 0;
  const after = surplus - before;
  if (after >= 0) return { before, after, added: 0 };
  return -after < strides[i]! ? { before, after: 0, added: -after } : undefined;
}

/** The result without padding and with every element that a size may ask for, cut to the size in the input. */
function cutToSize(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  windows: Windows,
  image: OnnxValue,
  convolve: (attributes: Record<string, OnnxAttribute>) => OnnxValue,
): OnnxValue {
  const { strides, padding, explicit, layout } = windows;
  const full = convolve({ output_padding: { ints: strides.map((stride) => stride - 1) } });
  const given = cast(builder, context.value(node.inputs[0]!), inputType(node, 0), 'int64');
  const asked = builder.node('Gather', [given, builder.int64s(layout.spatial)]);
  let start = builder.int64s(explicit.map(([before]) => (padding === 'EXPLICIT' ? before : 0)));
  if (padding === 'SAME') {
    const steps = builder.node('Sub', [builder.node('Shape', [image], { start: { int: 2 } }), builder.int64s([1])]);
    const reach = builder.node('Mul', [steps, builder.int64s(strides)]);
    const covered = builder.node('Add', [reach, builder.int64s(strides.map((_, i) => extent(windows, i)))]);
    const surplus = builder.node('Max', [builder.node('Sub', [covered, asked]), builder.int64s([0])]);
    start = builder.node('Div', [surplus, builder.int64s([2])]);
  }
  const end = builder.node('Add', [start, asked]);
  return builder.node('Slice', [full, start, end, builder.int64s(strides.map((_, i) => i + 2))]);
}

/** `[height, width, out, in]` to `[in, out, height, width]`. */
const order = (rank: number): number[] => [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, i) => i)];

const transposed: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 2));
  const shape = filterShape(node, context, 1, 2);
  const windows = readWindows(node, context, 2, () => shape.slice(0, -2));
  const channels = inputShape(node, 2)![windows.layout.channel]!;
  if (channels !== shape.at(-1)) context.refuse(node, `needs ${shape.at(-1)} channels (got ${channels})`);
  const image = toChannelsFirst(builder, context.value(node.inputs[2]!), windows);
  const filter = filterValue(node, builder, context, 1, order(shape.length));
  const bias = node.inputs[3] ? [context.value(node.inputs[3])] : [];
  const convolve = (attributes: Record<string, OnnxAttribute>): OnnxValue =>
    math.apply('ConvTranspose', [image, filter, ...bias], {
      kernel_shape: { ints: windows.sizes },
      strides: { ints: windows.strides },
      dilations: { ints: windows.dilations },
      ...attributes,
    });
  const pads = knownPads(node, windows);
  const result = pads ? convolve(pads) : cutToSize(node, builder, context, windows, image, convolve);
  return [fromChannelsFirst(builder, result, windows)];
};

/** Emitters of transposed convolutions. A fourth input, which rewriters add, is the bias. */
export const transposedConvolutions: EmitterTable = {
  Conv2DBackpropInput: transposed,
  Conv2DBackpropInputV2: transposed,
  Conv3DBackpropInput: transposed,
  Conv3DBackpropInputV2: transposed,
};
