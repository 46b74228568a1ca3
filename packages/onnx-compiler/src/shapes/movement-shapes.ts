/** Shapes of operations that move elements. */
import { intAttribute, intsAttribute } from '../graph/attribute-readers.js';
import {
  type Dimension,
  type Dimensions,
  divideDimensions,
  multiplyDimensions,
  productOf,
  sameDimension,
} from './dimension.js';
import {
  forAll,
  positiveAxis,
  type ShapeContext,
  type ShapeFunction,
  type ShapeFunctions,
  unknownDimensions,
} from './shape-function.js';

/** The shape that a vector of sizes asks for. Sizes that are not known get symbols of their own. */
export function shapeFromVector(context: ShapeContext, input: number): Dimensions {
  const vector = context.vector(input);
  if (vector !== undefined) {
    return vector.map((size, i) => (size === undefined || (size as number) < 0 ? context.unknown(0, i) : size));
  }
  const length = context.shape(input)?.[0];
  return typeof length === 'number' && length <= 64 ? unknownDimensions(context, 0, length) : undefined;
}

const reshape: ShapeFunction = (context) => {
  const shape = shapeFromVector(context, 1);
  const vector = context.vector(1);
  const from = context.shape(0);
  const free = vector?.indexOf(-1) ?? -1;
  if (shape === undefined || vector === undefined || from === undefined || vector.includes(undefined)) return [shape];
  if (free < 0) return [shape];
  const rest = productOf(shape.filter((_, i) => i !== free));
  const size = divideDimensions(productOf(from), rest);
  if (size !== undefined) return [shape.map((other, i) => (i === free ? size : other))];
  const zeroes = from.some((dimension) => typeof dimension !== 'number' && dimension.symbols.some((s) => s.mayBeZero));
  return [shape.map((other, i) => (i === free ? context.unknown(0, i, zeroes) : other))];
};

/** A reshape that copies sizes (0) and infers one (−1). */
const copyingReshape: ShapeFunction = (context) => {
  const from = context.shape(0);
  const sizes = intsAttribute(context.node.attributes, 'shape');
  if (from === undefined) return [undefined];
  const known = sizes.map((size, i) => (size === 0 ? from[i]! : size));
  const rest = productOf(known.filter((size) => size !== -1));
  const free = sizes.includes(-1) ? divideDimensions(productOf(from), rest) : undefined;
  return [known.map((size, i) => (size === -1 ? (free ?? context.unknown(0, i, false)) : size))];
};

const squeeze: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const axes = intsAttribute(context.node.attributes, 'squeeze_dims', []);
  if (shape === undefined) return [undefined];
  if (axes.length === 0)
    return [shape.some((size) => typeof size !== 'number') ? undefined : shape.filter((n) => n !== 1)];
  const dropped = axes.map((axis) => positiveAxis(axis, shape.length));
  return [shape.filter((_, i) => !dropped.includes(i))];
};

const expandDims: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const axis = positiveAxis(context.numbers(1)?.[0], (shape?.length ?? 0) + 1);
  if (shape === undefined) return [undefined];
  if (axis === undefined) return [unknownDimensions(context, 0, shape.length + 1)];
  return [shape.toSpliced(axis, 0, 1)];
};

const transpose: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const order = context.numbers(1);
  if (shape === undefined) return [undefined];
  if (order?.length !== shape.length) return [unknownDimensions(context, 0, shape.length)];
  return [order.map((axis) => shape[axis] ?? context.unknown(0, axis))];
};

const concat =
  (axisInput: number, first: number): ShapeFunction =>
  (context) => {
    const count = context.inputCount - 1;
    const shapes = Array.from({ length: count }, (_, i) => context.shape(first + i));
    const known = shapes.find((shape) => shape !== undefined);
    const axis = positiveAxis(context.numbers(axisInput)?.[0], known?.length ?? 0);
    if (known === undefined) return [undefined];
    if (axis === undefined) return [unknownDimensions(context, 0, known.length)];
    return [
      known.map((size, i) => {
        const sizes = shapes.map((shape) => shape?.[i]);
        if (i !== axis) return sizes.find((each) => typeof each === 'number') ?? size;
        if (sizes.every((each) => typeof each === 'number')) return sizes.reduce((sum, each) => sum + each, 0);
        const others = sizes.filter((each) => each !== 0);
        return others.length === 1 && others[0] !== undefined ? others[0] : context.unknown(0, i, false);
      }),
    ];
  };

const pack: ShapeFunction = (context) => {
  const shape = Array.from({ length: context.inputCount }, (_, i) => context.shape(i)).find(
    (each) => each !== undefined,
  );
  if (shape === undefined) return [undefined];
  const axis = positiveAxis(intAttribute(context.node.attributes, 'axis', 0), shape.length + 1);
  return [axis === undefined ? undefined : shape.toSpliced(axis, 0, context.inputCount)];
};

const unpack: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const axis = positiveAxis(intAttribute(context.node.attributes, 'axis', 0), shape?.length ?? 0);
  return context.node.outputs.map(() => (axis === undefined ? undefined : shape?.toSpliced(axis, 1)));
};

const pieces = (
  context: ShapeContext,
  input: number,
  axisInput: number,
  size: (whole: Dimension, i: number) => Dimension | undefined,
) => {
  const shape = context.shape(input);
  const axis = positiveAxis(context.numbers(axisInput)?.[0], shape?.length ?? 0);
  return context.node.outputs.map((_, i) => {
    if (shape === undefined || axis === undefined) return shape && unknownDimensions(context, i, shape.length);
    return shape.with(axis, size(shape[axis]!, i) ?? context.unknown(i, axis));
  });
};

const split: ShapeFunction = (context) =>
  pieces(context, 1, 0, (whole) => divideDimensions(whole, context.node.outputs.length));

const splitV: ShapeFunction = (context) => {
  const sizes = context.vector(1);
  return pieces(context, 0, 2, (whole, i) => {
    const size = sizes?.[i];
    if (size !== -1) return size;
    const others = sizes!.filter((_, j) => j !== i);
    if (typeof whole !== 'number' || !others.every((other) => typeof other === 'number')) return undefined;
    return Math.max(
      others.reduce((rest, other) => rest - other, whole),
      0,
    );
  });
};

const pad: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const widths = context.numbers(1);
  if (shape === undefined) return [undefined];
  return [
    shape.map((size, i) => {
      const [before, after] = [widths?.[2 * i], widths?.[2 * i + 1]];
      if (before === 0 && after === 0) return size;
      if (typeof size !== 'number' || before === undefined || after === undefined) return context.unknown(0, i, false);
      return size + before + after;
    }),
  ];
};

const tile: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const times = context.vector(1);
  return [
    shape?.map((size, i) => {
      const count = times?.[i];
      return count === undefined ? context.unknown(0, i) : multiplyDimensions(size, count);
    }),
  ];
};

const broadcastTo: ShapeFunction = (context) => {
  const asked = shapeFromVector(context, 1);
  const from = context.shape(0);
  if (asked === undefined || from === undefined) return [asked];
  return [
    asked.map((size, i) => {
      const own = from[i - (asked.length - from.length)] ?? 1;
      return own === 1 || typeof size === 'number' || sameDimension(own, size) ? size : own;
    }),
  ];
};

const blocks = (context: ShapeContext, divide: boolean): Dimensions[] => {
  const shape = context.shape(0);
  const format = context.node.attributes.get('data_format');
  const isChannelsFirst = format?.kind === 'bytes' && new TextDecoder().decode(format.value) === 'NCHW';
  const block = intAttribute(context.node.attributes, 'block_size');
  const channel = isChannelsFirst ? 1 : 3;
  if (shape?.length !== 4) return [undefined];
  return [
    shape.map((size, i) => {
      if (i === 0) return size;
      const times = i === channel ? block * block : block;
      const isDivided = (i === channel) !== divide;
      return isDivided
        ? (divideDimensions(size, times) ?? context.unknown(0, i, false))
        : multiplyDimensions(size, times);
    }),
  ];
};

/** Shape functions of operations that move elements. */
export const movementShapes: ShapeFunctions = {
  Reshape: reshape,
  _Reshape: copyingReshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  ...forAll(['Transpose', 'ConjugateTranspose'], transpose),
  Concat: concat(0, 1),
  ConcatV2: (context) => concat(context.inputCount - 1, 0)(context),
  ...forAll(['Pack', 'ParallelConcat', 'Stack'], pack),
  Unpack: unpack,
  Split: split,
  SplitV: splitV,
  ...forAll(['Pad', 'PadV2', 'MirrorPad'], pad),
  Tile: tile,
  BroadcastTo: broadcastTo,
  Fill: (context) => [shapeFromVector(context, 0)],
  SpaceToDepth: (context) => blocks(context, true),
  DepthToSpace: (context) => blocks(context, false),
};
