/** Shapes of reductions, scans, sorting and selections by value. */
import { boolAttribute, intAttribute } from '../graph/attribute-readers.js';
import type { Dimension, Dimensions } from './dimension.js';
import {
  forAll,
  positiveAxis,
  type ShapeContext,
  type ShapeFunction,
  type ShapeFunctions,
  scalars,
} from './shape-function.js';

const reductions = ['Sum', 'Prod', 'Mean', 'Max', 'Min', 'EuclideanNorm', 'All', 'Any', 'ReduceJoin'];

const reduce: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const axes = context.numbers(1)?.map((axis) => positiveAxis(axis, shape?.length ?? 0));
  const keep = boolAttribute(context.node.attributes, 'keep_dims', false);
  if (shape === undefined) return [undefined];
  if (axes === undefined || axes.includes(undefined)) {
    if (keep) return [shape.map((_, i) => context.unknown(0, i, false))];
    const count = context.shape(1);
    return [count?.length === 0 || count?.[0] === shape.length ? [] : undefined];
  }
  return [shape.flatMap((size, i) => (axes.includes(i) ? (keep ? [1] : []) : [size]))];
};

const argument: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const axis = positiveAxis(context.numbers(1)?.[0], shape?.length ?? 0);
  return [axis === undefined ? undefined : shape?.filter((_, i) => i !== axis)];
};

const topK: ShapeFunction = (context) => {
  const shape = context.shape(0);
  if (shape === undefined || shape.length === 0) return [undefined];
  const k = context.node.op === 'TopK' ? intAttribute(context.node.attributes, 'k') : context.vector(1)?.[0];
  const result = [...shape.slice(0, -1), nonNegative(k) ?? context.unknown(0, shape.length - 1)];
  return [result, result];
};

const nonNegative = (size: Dimension | undefined): Dimension | undefined =>
  typeof size === 'number' && size < 0 ? undefined : size;

/** Results are rows whose number depends on values; a second output maps elements to them. */
const unique: ShapeFunction = (context) => {
  const shape = context.shape(0);
  if (shape?.length !== 1) return [];
  const found = context.unknown(0, 0);
  return [[found], [shape[0]!], [found]];
};

const where: ShapeFunction = (context) => {
  const rank = context.shape(0)?.length;
  return [[context.unknown(0, 0), rank ?? context.unknown(0, 1)]];
};

const segment = (context: ShapeContext, rows: Dimension | undefined): Dimensions[] => {
  const shape = context.shape(0);
  const ids = context.shape(1);
  if (shape === undefined || ids === undefined) return [undefined];
  return [[rows ?? context.unknown(0, 0), ...shape.slice(ids.length)]];
};

/** Shape functions of reductions, scans and sorting. */
export const reductionShapes: ShapeFunctions = {
  ...forAll(reductions, reduce),
  ...forAll(['ArgMax', 'ArgMin'], argument),
  ...forAll(['TopK', 'TopKV2', 'ApproxTopK'], topK),
  ...forAll(['Unique', 'UniqueWithCounts'], unique),
  ...forAll(['SegmentSum', 'SegmentMean', 'SegmentMax', 'SegmentMin', 'SegmentProd'], (context) =>
    segment(context, undefined),
  ),
  ...forAll(['UnsortedSegmentSum', 'UnsortedSegmentMax', 'UnsortedSegmentMin', 'UnsortedSegmentProd'], (context) =>
    segment(context, nonNegative(context.vector(2)?.[0])),
  ),
  ...forAll(['SparseSegmentSum', 'SparseSegmentMean', 'SparseSegmentSqrtN'], (context) => {
    const shape = context.shape(0);
    return [shape && [context.unknown(0, 0), ...shape.slice(1)]];
  }),
  ...forAll(['LowerBound', 'UpperBound'], (context) => [context.shape(1)]),
  ...forAll(['InTopK', 'InTopKV2'], (context) => [context.shape(1)]),
  L2Loss: scalars,
  Where: where,
};
