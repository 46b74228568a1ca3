/** Shapes of slices, gathers, scatters and ranges. */
import { intAttribute } from '../graph/attribute-readers.js';
import type { Dimension, Dimensions } from './dimension.js';
import { shapeFromVector } from './movement-shapes.js';
import {
  forAll,
  positiveAxis,
  type ShapeContext,
  type ShapeFunction,
  type ShapeFunctions,
  unknownDimensions,
} from './shape-function.js';
import { readSliceEntries, sliceRange } from './strided-slice.js';

const stridedSlice: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const count = context.shape(1)?.[0];
  if (shape === undefined || typeof count !== 'number') return [undefined];
  const entries = readSliceEntries(context.node, count, shape.length);
  const [begins, ends, steps] = [context.vector(1), context.vector(2), context.vector(3)];
  const result: Dimension[] = [];
  for (const entry of entries ?? []) {
    if (entry.kind === 'whole') result.push(shape[entry.dimension]!);
    if (entry.kind === 'new') result.push(1);
    if (entry.kind !== 'range') continue;
    const { isBeginOpen, isEndOpen, entry: at } = entry;
    const size = shape[entry.dimension]!;
    const [begin, end, step] = [
      isBeginOpen ? undefined : begins?.[at],
      isEndOpen ? undefined : ends?.[at],
      steps?.[at],
    ];
    const isKnown = (isBeginOpen || typeof begin === 'number') && (isEndOpen || typeof end === 'number');
    if (typeof step !== 'number' || step === 0 || !isKnown) {
      result.push(context.unknown(0, result.length));
    } else if (typeof size === 'number') {
      result.push(sliceRange(size, begin as number | undefined, end as number | undefined, step).count);
    } else if (Math.abs(step) === 1 && isEndOpen && (isBeginOpen || (step === 1 && begin === 0))) {
      result.push(size);
    } else {
      result.push(context.unknown(0, result.length));
    }
  }
  return [entries && result];
};

const slice: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const [begins, sizes] = [context.vector(1), context.vector(2)];
  if (shape === undefined) return [undefined];
  return [
    shape.map((whole, i) => {
      const [begin, size] = [begins?.[i], sizes?.[i]];
      if (size !== -1 && size !== undefined) return size;
      if (size === -1 && begin === 0) return whole;
      if (size === -1 && typeof begin === 'number' && typeof whole === 'number') return Math.max(whole - begin, 0);
      return context.unknown(0, i);
    }),
  ];
};

const gather: ShapeFunction = (context) => {
  const [params, indices] = [context.shape(0), context.shape(1)];
  if (params === undefined || indices === undefined) return [undefined];
  const isPlain = context.node.op === 'Gather';
  const axis = isPlain ? 0 : positiveAxis(context.numbers(2)?.[0], params.length);
  const shared = isPlain ? 0 : intAttribute(context.node.attributes, 'batch_dims', 0);
  const batch = shared < 0 ? shared + indices.length : shared;
  if (axis === undefined) return [unknownDimensions(context, 0, params.length - 1 + indices.length - batch)];
  return [[...params.slice(0, axis), ...indices.slice(batch), ...params.slice(axis + 1)]];
};

const gatherNd: ShapeFunction = (context) => {
  const [params, indices] = [context.shape(0), context.shape(1)];
  const depth = indices?.at(-1);
  if (params === undefined || indices === undefined || typeof depth !== 'number') return [undefined];
  return [[...indices.slice(0, -1), ...params.slice(depth)]];
};

const oneHot: ShapeFunction = (context) => {
  const ids = context.shape(0);
  if (ids === undefined) return [undefined];
  const depth = context.vector(1)?.[0];
  const axis = intAttribute(context.node.attributes, 'axis', -1);
  const at = axis === -1 ? ids.length : axis;
  return [ids.toSpliced(at, 0, depth === undefined || (depth as number) < 0 ? context.unknown(0, at) : depth)];
};

const range: ShapeFunction = (context) => {
  const [start, limit, delta] = [context.vector(0)?.[0], context.vector(1)?.[0], context.vector(2)?.[0]];
  if (start === 0 && delta === 1 && limit !== undefined && !((limit as number) < 0)) return [[limit]];
  if (typeof start === 'number' && typeof limit === 'number' && typeof delta === 'number' && delta !== 0) {
    return [[Math.max(0, Math.ceil((limit - start) / delta))]];
  }
  return [[context.unknown(0, 0)]];
};

const linSpace: ShapeFunction = (context) => {
  const count = context.vector(2)?.[0];
  return [[count === undefined || (count as number) < 0 ? context.unknown(0, 0) : count]];
};

const diagonal = (context: ShapeContext): Dimensions[] => {
  const shape = context.shape(0);
  return [shape && [...shape, shape.at(-1) ?? context.unknown(0, shape.length)]];
};

/** Shape functions of slices, gathers, scatters and ranges. */
export const indexingShapes: ShapeFunctions = {
  StridedSlice: stridedSlice,
  Slice: slice,
  ...forAll(['GatherV2', 'Gather'], gather),
  GatherNd: gatherNd,
  ScatterNd: (context) => [shapeFromVector(context, 2)],
  OneHot: oneHot,
  Range: range,
  LinSpace: linSpace,
  MatrixDiag: diagonal,
};
