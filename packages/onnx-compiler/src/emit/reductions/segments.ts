/** Reductions of rows by segment. */
import type { DataType } from '@serving/core/tensor';
import { asInt64, asVector, joined, shapeOf, sliced, TO_THE_END, unsqueezed } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { inputRank, inputType } from '../node-inputs.js';
import { guardIndices } from '../positions.js';
import { TypedMath } from '../typed-math.js';

type Kind = 'Sum' | 'Prod' | 'Max' | 'Min';

const REDUCTIONS: Readonly<Record<Kind, string>> = { Sum: 'add', Prod: 'mul', Max: 'max', Min: 'min' };

const FLOAT_MAX: Partial<Record<DataType, number>> = {
  float: 3.4028234663852886e38,
  double: Number.MAX_VALUE,
  half: 65504,
  bfloat16: 3.3895313892515355e38,
};
const BITS: Partial<Record<DataType, number>> = {
  int8: 8,
  uint8: 8,
  int16: 16,
  uint16: 16,
  int32: 32,
  uint32: 32,
  int64: 64,
  uint64: 64,
};

function greatest(dtype: DataType): number | bigint {
  const bits = BigInt(BITS[dtype] ?? 0);
  return FLOAT_MAX[dtype] ?? (1n << (dtype.startsWith('u') ? bits : bits - 1n)) - 1n;
}

function least(dtype: DataType): number | bigint {
  const float = FLOAT_MAX[dtype];
  if (float !== undefined) return -float;
  return dtype.startsWith('u') ? 0n : -(1n << (BigInt(BITS[dtype] ?? 1) - 1n));
}

/** What a segment starts from. */
const start = (kind: Kind, dtype: DataType): number | bigint =>
  ({ Sum: 0, Prod: 1, Max: least(dtype), Min: greatest(dtype) })[kind];

/** Rows scattered into `count` segments; ids are below it. `count` is an int64 vector of one. */
function scattered(math: TypedMath, kind: Kind, rows: OnnxValue, ids: OnnxValue, count: OnnxValue): OnnxValue {
  const { builder } = math;
  // Scattering 16-bit floats with a reduction has no kernel.
  const wide = math.in(math.dtype === 'half' || math.dtype === 'bfloat16' ? 'float' : math.dtype);
  const shape = joined(builder, count, shapeOf(builder, rows, 1));
  const base = wide.filled(shape, start(kind, math.dtype));
  const inputs = [base, unsqueezed(builder, ids, -1), math.to(wide.dtype, rows)];
  const result = builder.node('ScatterND', inputs, { reduction: { string: REDUCTIONS[kind] } });
  return math.from(wide.dtype, result);
}

/** How many rows each segment has, with a dimension of 1 for each dimension of a row but the first. */
function segmentSizes(math: TypedMath, rank: number, ids: OnnxValue, count: OnnxValue): OnnxValue {
  const { builder } = math;
  const counter = math.in('int64');
  const sizes = scattered(counter, 'Sum', counter.filled(shapeOf(builder, ids), 1), ids, count);
  return unsqueezed(builder, sizes, ...Array.from({ length: rank - 1 }, (_, i) => i + 1));
}

/** A mean, or with `isRoot` a sum over the root of the count. Segments without rows are 0. */
function divided(math: TypedMath, sums: OnnxValue, sizes: OnnxValue, isRoot: boolean): OnnxValue {
  const atLeastOne = math.builder.node('Max', [sizes, math.builder.scalar('int64', 1)]);
  const wide = math.in(math.dtype === 'half' || math.dtype === 'bfloat16' ? 'float' : math.dtype);
  const divisor = wide.from('int64', atLeastOne);
  const quotient = wide.apply('Div', [math.to(wide.dtype, sums), isRoot ? wide.sqrt(divisor) : divisor]);
  return math.from(wide.dtype, quotient);
}

type SegmentKind = Kind | 'Mean' | 'SqrtN';

function reducedSegments(
  math: TypedMath,
  kind: SegmentKind,
  rows: OnnxValue,
  rank: number,
  ids: OnnxValue,
  count: OnnxValue,
): OnnxValue {
  if (kind === 'Sum' || kind === 'Prod') return scattered(math, kind, rows, ids, count);
  const sizes = segmentSizes(math, rank, ids, count);
  if (kind === 'Mean' || kind === 'SqrtN') {
    return divided(math, scattered(math, 'Sum', rows, ids, count), sizes, kind === 'SqrtN');
  }
  const isEmpty = math.builder.node('Equal', [sizes, math.builder.scalar('int64', 0)]);
  return math.where(isEmpty, math.scalar(0), scattered(math, kind, rows, ids, count));
}

/** The number of segments of ascending ids: the last one and 1. */
function segmentCount(builder: OnnxBuilder, ids: OnnxValue): OnnxValue {
  const withLeast = joined(builder, builder.int64s([-1]), ids);
  const last = builder.node('ReduceMax', [withLeast, builder.int64s([0])], { keepdims: { int: 1 } });
  return builder.node('Add', [last, builder.int64s([1])]);
}

function guardAscending(ids: OnnxValue, builder: OnnxBuilder, context: EmitContext): void {
  if (!context.options.guards) return;
  const [earlier, later] = [sliced(builder, ids, 0, 0, -1), sliced(builder, ids, 0, 1, TO_THE_END)];
  const isAscending = builder.node('LessOrEqual', [earlier, later]);
  builder.guard(allTrue(builder, isAscending), 'segment ids are not increasing');
  const isValid = builder.node('GreaterOrEqual', [ids, builder.scalar('int64', 0)]);
  builder.guard(allTrue(builder, isValid), 'segment ids must be >= 0');
}

const notNegative = (builder: OnnxBuilder, ids: OnnxValue): OnnxValue =>
  builder.node('Max', [ids, builder.scalar('int64', 0)]);

const segment =
  (kind: SegmentKind): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const given = asInt64(builder, context.value(node.inputs[1]!), inputType(node, 1));
    guardAscending(given, builder, context);
    const ids = notNegative(builder, given);
    const rows = context.value(node.inputs[0]!);
    const rank = inputRank(node, 0, context);
    return [reducedSegments(math, kind, rows, rank, ids, segmentCount(builder, ids))];
  };

const sparseSegment =
  (kind: SegmentKind): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const [data, indices, segments, count] = node.inputs.map((input, i) => {
      const value = context.value(input);
      return i === 0 ? value : asInt64(builder, value, inputType(node, i));
    });
    guardAscending(segments!, builder, context);
    guardIndices({ builder, context, ids: indices!, limit: builder.node('Squeeze', [shapeOf(builder, data!, 0, 1)]) });
    const rows = builder.node('Gather', [data!, indices!], { axis: { int: 0 } });
    const ids = notNegative(builder, segments!);
    const total = count === undefined ? segmentCount(builder, ids) : asVector(builder, count, 'int64');
    return [reducedSegments(math, kind, rows, inputRank(node, 0, context), ids, total)];
  };

/** Rows with a negative id go to a segment that is cut off. */
const unsortedSegment =
  (kind: Kind): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const data = context.value(node.inputs[0]!);
    const count = asVector(builder, context.value(node.inputs[2]!), inputType(node, 2));
    const given = asVector(builder, context.value(node.inputs[1]!), inputType(node, 1));
    guardBelow(given, count, builder, context);
    const isNegative = builder.node('Less', [given, builder.scalar('int64', 0)]);
    const ids = builder.node('Min', [builder.node('Where', [isNegative, count, given]), count]);
    const tail = shapeOf(builder, data, inputRank(node, 1, context));
    const rows = builder.node('Reshape', [data, joined(builder, shapeOf(builder, given), tail)], {
      allowzero: { int: 1 },
    });
    const total = builder.node('Add', [count, builder.int64s([1])]);
    return [sliced(builder, scattered(math, kind, rows, ids, total), 0, 0, -1)];
  };

function guardBelow(ids: OnnxValue, count: OnnxValue, builder: OnnxBuilder, context: EmitContext): void {
  if (!context.options.guards) return;
  const limit = builder.node('Squeeze', [count]);
  const isBelow = builder.node('Less', [ids, limit]);
  const shown = { value: limit, dtype: 'int64' } as const;
  builder.guard(
    allTrue(builder, isBelow),
    'segment_ids',
    { value: ids, dtype: 'int64', outside: { min: Number.MIN_SAFE_INTEGER, max: { value: limit } } },
    ' is out of range [0, ',
    shown,
    ')',
  );
}

export const segments: EmitterTable = {
  SegmentSum: segment('Sum'),
  SegmentMean: segment('Mean'),
  SegmentMax: segment('Max'),
  SegmentMin: segment('Min'),
  SegmentProd: segment('Prod'),
  UnsortedSegmentSum: unsortedSegment('Sum'),
  UnsortedSegmentMax: unsortedSegment('Max'),
  UnsortedSegmentMin: unsortedSegment('Min'),
  UnsortedSegmentProd: unsortedSegment('Prod'),
  SparseSegmentSum: sparseSegment('Sum'),
  SparseSegmentMean: sparseSegment('Mean'),
  SparseSegmentSqrtN: sparseSegment('SqrtN'),
  SparseSegmentSumWithNumSegments: sparseSegment('Sum'),
  SparseSegmentMeanWithNumSegments: sparseSegment('Mean'),
  SparseSegmentSqrtNWithNumSegments: sparseSegment('SqrtN'),
};
