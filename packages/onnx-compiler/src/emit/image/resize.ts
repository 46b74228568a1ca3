/** Resizing of images `[rows, height, width, channels]`. */
import { boolAttribute, textAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantInput, constantNumbers, inputShape, inputType, knownNumbers } from '../node-inputs.js';
import { cast } from '../typed-math.js';
import {
  areaWeights,
  cubicWeights,
  type ResizeScale,
  type ResizeWeights,
  resizeScale,
  scaledWeights,
  scaleKernels,
} from './resize-weights.js';

const scaleOf = (node: GraphNode): ResizeScale => ({
  isHalfPixel: boolAttribute(node.attributes, 'half_pixel_centers', false),
  isAligned: boolAttribute(node.attributes, 'align_corners', false),
});

/** The result of these operations is float32, whatever the image is. */
const asFloat = (node: GraphNode, builder: OnnxBuilder, context: EmitContext): OnnxValue =>
  cast(builder, context.value(node.inputs[0]!), inputType(node, 0), 'float');

/** Sizes of four dimensions. ONNX Runtime takes those that are fed for none until they are given a length. */
export function fourSizes(builder: OnnxBuilder, outer: OnnxValue, size: OnnxValue): OnnxValue {
  return builder.node('Reshape', [builder.node('Concat', [outer, size], { axis: { int: 0 } }), builder.int64s([4])]);
}

const bilinear: Emitter = (node, builder, context) => {
  const { isHalfPixel, isAligned } = scaleOf(node);
  const image = builder.node('Transpose', [asFloat(node, builder, context)], { perm: { ints: [0, 3, 1, 2] } });
  const known = knownNumbers(node, 1, context);
  const size = known
    ? builder.int64s(known)
    : cast(builder, context.value(node.inputs[1]!), inputType(node, 1), 'int64');
  const outer = builder.node('Shape', [image], { end: { int: 2 } });
  const resized = builder.node('Resize', [image, '', '', fourSizes(builder, outer, size)], {
    mode: { string: 'linear' },
    coordinate_transformation_mode: { string: isHalfPixel ? 'half_pixel' : isAligned ? 'align_corners' : 'asymmetric' },
  });
  return [builder.node('Transpose', [resized], { perm: { ints: [0, 2, 3, 1] } })];
};

/** The input position for each output position, in float32 as TensorFlow computes it. */
function nearestPositions(input: number, output: number, scale: ResizeScale): BigInt64Array {
  const step = resizeScale(input, output, scale);
  const f = Math.fround;
  return BigInt64Array.from({ length: output }, (_, o) => {
    const position = scale.isHalfPixel ? f(f(o + 0.5) * step) : f(o * step);
    const rounded = scale.isAligned ? Math.floor(f(position + 0.5)) : Math.floor(position);
    return BigInt(Math.max(Math.min(rounded, input - 1), 0));
  });
}

/** The same in the run, for sizes that are not known before. */
function nearestInRun(builder: OnnxBuilder, input: OnnxValue, output: OnnxValue, scale: ResizeScale): OnnxValue {
  const float = (value: OnnxValue) => cast(builder, value, 'int64', 'float');
  const one = builder.scalar('int64', 1);
  const before = (value: OnnxValue) => builder.node('Sub', [value, one]);
  const plain = builder.node('Div', [float(input), float(output)]);
  const divisor = builder.node('Max', [before(output), one]);
  const aligned = builder.node('Div', [float(before(input)), float(divisor)]);
  const isLong = builder.node('Greater', [output, one]);
  const step = scale.isAligned ? builder.node('Where', [isLong, aligned, plain]) : plain;
  const half = builder.scalar('float', 0.5);
  const places = float(builder.node('Range', [builder.scalar('int64', 0), output, one]));
  const moved = scale.isHalfPixel ? builder.node('Add', [places, half]) : places;
  const position = builder.node('Mul', [moved, step]);
  const rounded = builder.node('Floor', [scale.isAligned ? builder.node('Add', [position, half]) : position]);
  return builder.node('Min', [cast(builder, rounded, 'float', 'int64'), before(input)]);
}

/** More positions than this are computed in the run. */
const MAX_POSITIONS = 2 ** 16;

const nearest: Emitter = (node, builder, context) => {
  const scale = scaleOf(node);
  const sizes = knownNumbers(node, 1, context);
  const shape = inputShape(node, 0);
  let result = context.value(node.inputs[0]!);
  for (const axis of [1, 2]) {
    const [input, output] = [shape?.[axis] ?? -1, sizes?.[axis - 1]];
    const positions = (): OnnxValue => {
      if (input > 0 && output !== undefined && output > 0 && output <= MAX_POSITIONS) {
        return builder.constant({ dtype: 'int64', shape: [output], data: nearestPositions(input, output, scale) });
      }
      const own = builder.node('Shape', [result], { start: { int: axis }, end: { int: axis + 1 } });
      const asked = cast(builder, context.value(node.inputs[1]!), inputType(node, 1), 'int64');
      const size = builder.node('Gather', [asked, builder.scalar('int64', axis - 1)]);
      return nearestInRun(builder, builder.node('Squeeze', [own]), size, scale);
    };
    result = builder.node('Gather', [result, positions()], { axis: { int: axis } });
  }
  return [result];
};

/** Multiplies height and width by matrices `[output, input]`. */
function resample(
  builder: OnnxBuilder,
  image: OnnxValue,
  [, , , channels]: readonly number[],
  [height, rows]: readonly [readonly [number, number], ResizeWeights],
  [width, columns]: readonly [readonly [number, number], ResizeWeights],
): OnnxValue {
  const matrix = (shape: readonly [number, number], data: ResizeWeights) =>
    builder.constant({ dtype: 'float', shape, data });
  const shaped = (value: OnnxValue, ...sizes: number[]) => builder.node('Reshape', [value, builder.int64s(sizes)]);
  const flat = shaped(image, -1, height[1], width[1] * channels!);
  const tall = builder.node('MatMul', [matrix(height, rows), flat]);
  const wide = builder.node('MatMul', [matrix(width, columns), shaped(tall, -1, width[1], channels!)]);
  return shaped(wide, -1, height[0], width[0], channels!);
}

/** The most elements of a matrix of weights. */
const MAX_WEIGHTS = 2 ** 24;

/** Known sizes of image and result. */
function knownSizes(node: GraphNode, context: EmitContext): { shape: readonly number[]; sizes: readonly number[] } {
  const sizes = constantNumbers(node, 1, 'size', context);
  const shape = inputShape(node, 0);
  if (shape?.length !== 4 || shape.slice(1).some((size) => size < 0)) {
    return context.refuse(node, 'needs a known height, width and number of channels');
  }
  for (const [i, size] of sizes.entries()) {
    const isSize = size > 0 && size * shape[i + 1]! <= MAX_WEIGHTS;
    if (!isSize) context.refuse(node, `can't be resized from ${shape[i + 1]} to ${size}`);
  }
  return { shape, sizes };
}

const byWeights =
  (weights: (input: number, output: number, scale: ResizeScale) => ResizeWeights): Emitter =>
  (node, builder, context) => {
    const { shape, sizes } = knownSizes(node, context);
    const along = (axis: 1 | 2): readonly [readonly [number, number], ResizeWeights] => {
      const [input, output] = [shape[axis]!, sizes[axis - 1]!];
      return [[output, input], weights(input, output, scaleOf(node))];
    };
    return [resample(builder, asFloat(node, builder, context), shape, along(1), along(2))];
  };

const scaleAndTranslate: Emitter = (node, builder, context) => {
  const { shape, sizes } = knownSizes(node, context);
  const kernel = textAttribute(node.attributes, 'kernel_type', 'lanczos3');
  if (!scaleKernels.includes(kernel)) context.refuse(node, `no kernel ${kernel}`);
  const antialias = boolAttribute(node.attributes, 'antialias', true);
  const [scales, translations] = [2, 3].map((input, i) => {
    const tensor = constantInput(node, input, i === 0 ? 'scale' : 'translation', context);
    return Array.from(tensor.data as Float32Array);
  });
  const along = (axis: 1 | 2): readonly [readonly [number, number], ResizeWeights] => {
    const [input, output] = [shape[axis]!, sizes[axis - 1]!];
    const options = { scale: scales![axis - 1]!, translation: translations![axis - 1]!, antialias };
    return [[output, input], scaledWeights(input, output, kernel, options)];
  };
  return [resample(builder, asFloat(node, builder, context), shape, along(1), along(2))];
};

/** Emitters of resizing. */
export const resizing: EmitterTable = {
  ResizeBilinear: bilinear,
  ResizeNearestNeighbor: nearest,
  ResizeBicubic: byWeights(cubicWeights),
  ResizeArea: byWeights(areaWeights),
  ScaleAndTranslate: scaleAndTranslate,
};
