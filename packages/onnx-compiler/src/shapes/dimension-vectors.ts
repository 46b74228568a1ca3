/** Values of integer scalars and vectors that are made of sizes, as `Shape → StridedSlice → Pack → Reshape` does. */
import type { Tensor } from '@serving/core/tensor';
import { intAttribute } from '../graph/attribute-readers.js';
import { type Dimension, divideDimensions, multiplyDimensions, productOf, sameDimension } from './dimension.js';
import type { DimensionVector, ShapeContext } from './shape-function.js';
import { readSliceEntries, sliceRange } from './strided-slice.js';

/** Longer vectors hold data rather than sizes. */
const MAX_LENGTH = 256;

type Element = Dimension | undefined;
type VectorFunction = (context: ShapeContext) => readonly (DimensionVector | undefined)[];

/** The elements of a small integer tensor; those of a matrix, as paddings are, row by row. */
function vectorOfTensor(tensor: Tensor): DimensionVector | undefined {
  const { dtype, shape, data } = tensor;
  if (shape.length > 2 || data.length > MAX_LENGTH) return undefined;
  if (dtype !== 'int32' && dtype !== 'int64' && dtype !== 'int16' && dtype !== 'int8' && dtype !== 'uint8')
    return undefined;
  const numbers = Array.from<bigint | number, number>(data, Number);
  return numbers.every(Number.isSafeInteger) ? numbers : undefined;
}

const isInteger = (context: ShapeContext, output = 0): boolean =>
  ['int32', 'int64'].includes(context.node.outputs[output]?.dtype ?? '');

const isFlat = (context: ShapeContext, input: number): boolean => (context.shape(input)?.length ?? 2) <= 1;

const elementwise =
  (combine: (a: Dimension, b: Dimension) => Element): VectorFunction =>
  (context) => {
    const [a, b] = [context.vector(0), context.vector(1)];
    if (a === undefined || b === undefined || !isInteger(context) || !isFlat(context, 0) || !isFlat(context, 1))
      return [];
    const length = Math.max(a.length, b.length);
    if ((a.length !== length && a.length !== 1) || (b.length !== length && b.length !== 1)) return [];
    const pick = (vector: DimensionVector, i: number) => vector[vector.length === 1 ? 0 : i];
    return [
      Array.from({ length }, (_, i) => {
        const [x, y] = [pick(a, i), pick(b, i)];
        return x === undefined || y === undefined ? undefined : safe(combine(x, y));
      }),
    ];
  };

/** A result that int32 could not hold is left to the fold, which wraps it. */
const safe = (value: Element): Element =>
  typeof value === 'number' && Math.abs(value) > 2 ** 31 - 1 ? undefined : value;

const numeric = (compute: (a: number, b: number) => number) => (a: Dimension, b: Dimension) =>
  typeof a === 'number' && typeof b === 'number' ? compute(a, b) : undefined;

const divide = (a: Dimension, b: Dimension): Element => {
  if (b === 0) return undefined;
  return typeof a === 'number' && typeof b === 'number' ? Math.floor(a / b) : divideDimensions(a, b);
};

const maximum = (a: Dimension, b: Dimension): Element => {
  if (sameDimension(a, b)) return a;
  if (typeof a === 'number' && typeof b === 'number') return Math.max(a, b);
  if (typeof a === 'number') return a <= 0 ? b : undefined;
  return typeof b === 'number' && b <= 0 ? a : undefined;
};

const same: VectorFunction = (context) => [context.vector(0)];

const shapes: VectorFunction = (context) =>
  context.node.outputs.map((_, i) =>
    (context.shape(i)?.length ?? Infinity) > MAX_LENGTH ? undefined : context.shape(i),
  );

const size: VectorFunction = (context) => {
  const shape = context.shape(0);
  return [shape && [safe(productOf(shape))]];
};

const pack: VectorFunction = (context) => {
  const parts = Array.from({ length: context.inputCount }, (_, i) => [context.shape(i), context.vector(i)] as const);
  if (parts.length > MAX_LENGTH || parts.some(([shape]) => shape?.length !== 0)) return [];
  return [parts.map(([, vector]) => vector?.[0])];
};

const concat: VectorFunction = (context) => {
  const result: Element[] = [];
  for (let i = 0; i < context.inputCount - 1; i++) {
    const length = context.shape(i)?.[0];
    const part = context.vector(i);
    if (context.shape(i)?.length !== 1) return [];
    if (part === undefined && (typeof length !== 'number' || length > MAX_LENGTH)) return [];
    result.push(...(part ?? Array.from({ length: length as number }, () => undefined)));
  }
  return result.length > MAX_LENGTH ? [] : [result];
};

const stridedSlice: VectorFunction = (context) => {
  const from = context.vector(0);
  const [begin, end, step] = [context.numbers(1), context.numbers(2), context.numbers(3)];
  if (from === undefined || context.shape(0)?.length !== 1 || begin?.length !== 1 || !end || !step?.[0]) return [];
  const [entry, ...more] = readSliceEntries(context.node, 1, 1) ?? [];
  if (entry === undefined || more.length > 0) return [];
  if (entry.kind === 'whole') return [from];
  if (entry.kind === 'index') return [[from.at(begin[0]!)]];
  if (entry.kind !== 'range') return [];
  const bounds = [entry.isBeginOpen ? undefined : begin[0], entry.isEndOpen ? undefined : end[0]] as const;
  const { first, count } = sliceRange(from.length, ...bounds, step[0]);
  return [Array.from({ length: count }, (_, i) => from[first + i * step[0]!])];
};

const slice: VectorFunction = (context) => {
  const [from, begin, length] = [context.vector(0), context.numbers(1)?.[0], context.numbers(2)?.[0]];
  if (from === undefined || begin === undefined || length === undefined || begin < 0 || !isFlat(context, 0)) return [];
  return [from.slice(begin, length < 0 ? undefined : begin + length)];
};

const gather: VectorFunction = (context) => {
  const [from, at] = [context.vector(0), context.numbers(1)];
  if (from === undefined || at === undefined || context.shape(0)?.length !== 1) return [];
  return [at.map((index) => (index < 0 ? undefined : from[index]))];
};

const reshape: VectorFunction = (context) => {
  const rank = context.shape(1)?.[0];
  return rank === 0 || rank === 1 ? [context.vector(0)] : [];
};

const expandDims: VectorFunction = (context) => (context.shape(0)?.length === 0 ? [context.vector(0)] : []);

const unpack: VectorFunction = (context) => {
  const from = context.vector(0);
  if (from === undefined || context.shape(0)?.length !== 1) return [];
  return context.node.outputs.map((_, i) => [from[i]]);
};

const split: VectorFunction = (context) => {
  const [from, parts] = [context.vector(1), context.node.outputs.length];
  if (from === undefined || from.length % parts !== 0 || !isFlat(context, 1)) return [];
  const each = from.length / parts;
  return context.node.outputs.map((_, i) => from.slice(i * each, (i + 1) * each));
};

const product: VectorFunction = (context) => {
  const from = context.vector(0);
  if (from === undefined || from.includes(undefined) || context.numbers(1) === undefined || !isFlat(context, 0))
    return [];
  if (context.shape(0)?.length !== 1 || context.numbers(1)!.length === 0) return [from];
  return [[safe(productOf(from as Dimension[]))]];
};

const fill: VectorFunction = (context) => {
  const [length, value] = [context.numbers(0), context.vector(1)];
  if (length === undefined || length.length > 1 || value === undefined) return [];
  const count = length[0] ?? 1;
  return count < 0 || count > MAX_LENGTH ? [] : [Array.from({ length: count }, () => value[0])];
};

const select: VectorFunction = (context) => {
  const condition = context.node.inputs[0]?.node.constant;
  if (condition?.shape.length !== 0) return [];
  return [context.vector(condition.tensor().data[0 as never] ? 1 : 2)];
};

const broadcastArgs: VectorFunction = (context) => {
  const [a, b] = [context.vector(0), context.vector(1)];
  if (a === undefined || b === undefined) return [];
  const length = Math.max(a.length, b.length);
  return [
    Array.from({ length }, (_, i) => {
      const x = i < length - a.length ? 1 : a[i - (length - a.length)];
      const y = i < length - b.length ? 1 : b[i - (length - b.length)];
      if (x === undefined || y === undefined) return undefined;
      if (x === 1 || sameDimension(x, y)) return y;
      return y === 1 ? x : undefined;
    }),
  ];
};

const axisOfConcat: VectorFunction = (context) =>
  intAttribute(context.node.attributes, 'axis', 0) === 0 ? pack(context) : [];

/** Operations whose integer results are followed. Others have unknown elements. */
export const vectorFunctions: Readonly<Record<string, VectorFunction>> = {
  Const: ({ node }) => {
    const { constant } = node;
    if (constant === undefined || constant.shape.length > 2 || constant.shape.some((size) => size > MAX_LENGTH))
      return [];
    return ['int32', 'int64', 'int16', 'int8', 'uint8'].includes(constant.dtype)
      ? [vectorOfTensor(constant.tensor())]
      : [];
  },
  Shape: shapes,
  ShapeN: shapes,
  Size: size,
  Rank: (context) => [context.shape(0) && [context.shape(0)!.length]],
  Identity: same,
  StopGradient: same,
  PreventGradient: same,
  Snapshot: same,
  Squeeze: same,
  EnsureShape: same,
  IdentityN: (context) => context.node.outputs.map((_, i) => context.vector(i)),
  Cast: (context) => (isInteger(context) ? [context.vector(0)] : []),
  Pack: axisOfConcat,
  ConcatV2: concat,
  StridedSlice: stridedSlice,
  Slice: slice,
  GatherV2: gather,
  Gather: gather,
  Reshape: reshape,
  ExpandDims: expandDims,
  Unpack: unpack,
  Split: split,
  Prod: product,
  Fill: fill,
  Select: select,
  SelectV2: select,
  BroadcastArgs: broadcastArgs,
  Add: elementwise((a, b) => (a === 0 ? b : b === 0 ? a : numeric((x, y) => x + y)(a, b))),
  AddV2: elementwise((a, b) => (a === 0 ? b : b === 0 ? a : numeric((x, y) => x + y)(a, b))),
  Sub: elementwise((a, b) => (b === 0 ? a : sameDimension(a, b) ? 0 : numeric((x, y) => x - y)(a, b))),
  Mul: elementwise(multiplyDimensions),
  FloorDiv: elementwise(divide),
  Maximum: elementwise(maximum),
  Minimum: elementwise((a, b) => (sameDimension(a, b) ? a : numeric(Math.min)(a, b))),
};
