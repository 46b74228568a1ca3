/** Reductions, scans, ranks, counts and segments. */
import type { TensorDataType } from '@serving/core/tensor';
import { attribute } from '../../../../test-doubles/src/saved-model-builder.js';
import { type CaseInput, differentOnSome, type OpCase, opCase, overTypes } from '../op-case.test-support.js';
import {
  between,
  constant,
  constantScalar,
  FLOATS,
  INTEGERS,
  mixed,
  scalar,
  special,
  tensor,
} from '../values.test-support.js';

const REAL: readonly TensorDataType[] = ['float', 'double', 'half'];
const SUM = { relative: 1e-5, absolute: 1e-6 };
const keep = { keep_dims: attribute.bool(true) };
const axes = (...values: number[]): CaseInput => constant('int32', values);

/** A reduction along each kind of axes. */
const reduced = (op: string, dtypes: readonly TensorDataType[]): OpCase[] => [
  ...overTypes(op, dtypes, (dtype) => [mixed(dtype, [2, 3, 4]), axes(1)], { tolerance: SUM }).filter(isNarrow),
  ...overTypes(op, dtypes.slice(0, 1), (dtype) => [mixed(dtype, [2, 3, 4]), axes(0, -1)], { tolerance: SUM }),
  ...overTypes(op, dtypes.slice(0, 1), (dtype) => [mixed(dtype, [2, 3, 4]), axes(2, 0)], {
    tolerance: SUM,
    attributes: keep,
  }),
  ...overTypes(op, dtypes.slice(0, 1), (dtype) => [mixed(dtype, [2, 3]), axes()], { tolerance: SUM, name: 'nothing' }),
  ...overTypes(op, dtypes.slice(0, 1), (dtype) => [mixed(dtype, [7]), constantScalar('int32', 0)], { tolerance: SUM }),
  ...overTypes(op, ['float'], (dtype) => [mixed(dtype, [3, 2]), tensor('int32', [1])], {
    tolerance: SUM,
    name: 'along an axis of the request',
  }),
];

/** 16-bit floats have their own tolerance. */
function isNarrow(of: OpCase): boolean {
  const [first] = of.inputs;
  const dtype = first && 'dtype' in first ? first.dtype : '';
  if (dtype === 'half' || dtype === 'bfloat16') delete (of as { tolerance?: unknown }).tolerance;
  return true;
}

const large = (dtype: TensorDataType): CaseInput => {
  const bits = dtype.endsWith('64') ? 63n : 31n;
  const top = 2n ** bits - 1n;
  return tensor(dtype, [top, top, 5, top - 7n, 2n ** 53n % top, 1], [2, 3]);
};

const integerSums: readonly OpCase[] = [
  ...overTypes('Sum', ['int8', 'int16', 'uint8', 'uint16', 'int32', 'int64', 'uint32', 'uint64'], (dtype) => [
    between(dtype, [3, 50], 1, 100),
    axes(1),
  ]),
  ...(['int32', 'int64', 'uint32', 'uint64'] as const)
    .flatMap((dtype) => [
      opCase('Sum', [large(dtype), axes(1)], { name: 'that wraps' }),
      opCase('Sum', [large(dtype), axes(0, 1)], { name: 'that wraps' }),
      opCase('Sum', [large(dtype), axes(0)], { name: 'that wraps', attributes: keep }),
      opCase('Prod', [large(dtype), axes(1)], { name: 'that wraps' }),
    ])
    .filter(({ op, inputs: [x] }) => !(op === 'Prod' && x && 'dtype' in x && x.dtype.startsWith('u'))),
  ...overTypes('Prod', ['int32', 'int64'], (dtype) => [mixed(dtype, [4, 3]), axes(0, 1)]),
  ...overTypes('Prod', ['int32', 'int64'], (dtype) => [mixed(dtype, [5]), axes(0)]),
  ...overTypes('Mean', ['int8', 'uint8', 'int16', 'int32', 'int64'], (dtype) => [mixed(dtype, [3, 7]), axes(1)]),
  opCase('Mean', [tensor('int32', [2 ** 31 - 1, 2 ** 31 - 1, 7]), axes(0)], { name: 'beyond 2^31' }),
  ...overTypes('Max', ['int8', 'uint8', 'int16', 'uint16', 'int32', 'int64', 'uint32'], (dtype) => [
    mixed(dtype, [3, 4]),
    axes(1),
  ]),
  ...overTypes('Min', ['int8', 'uint8', 'int16', 'uint16', 'int32', 'int64', 'uint32'], (dtype) => [
    mixed(dtype, [3, 4]),
    axes(0),
  ]),
];

const ids = (...values: number[]): CaseInput => tensor('int32', values);

const segments: readonly OpCase[] = [
  ...['SegmentSum', 'SegmentMean', 'SegmentMax', 'SegmentMin', 'SegmentProd'].flatMap((op) => [
    ...overTypes(op, ['float', 'double', 'int32', 'int64', 'half'], (dtype) => [
      mixed(dtype, [5, 2]),
      ids(0, 0, 2, 2, 5),
    ]),
    opCase(op, [mixed('float', [3]), ids(1, 1, 1)]),
    opCase(op, [mixed('float', [3]), ids(1, 0, 1)], { name: 'of ids that descend' }),
  ]),
  ...['UnsortedSegmentSum', 'UnsortedSegmentMax', 'UnsortedSegmentMin', 'UnsortedSegmentProd'].flatMap((op) => [
    ...overTypes(op, ['float', 'double', 'int32', 'int64', 'half'], (dtype) => [
      mixed(dtype, [5, 2]),
      ids(3, 0, -1, 3, 1),
      constantScalar('int32', 5),
    ]),
    opCase(op, [mixed('float', [2, 3, 2]), tensor('int64', [0, 1, 1, 0, 2, 2], [2, 3]), scalar('int32', 3)]),
    opCase(op, [mixed('float', [2]), ids(0, 5), constantScalar('int32', 3)], { name: 'of an id beyond the last' }),
  ]),
  ...['SparseSegmentSum', 'SparseSegmentMean', 'SparseSegmentSqrtN'].flatMap((op) => [
    ...overTypes(op, ['float', 'double'], (dtype) => [mixed(dtype, [6, 2]), ids(5, 0, 0, 2), ids(0, 0, 1, 3)]),
    opCase(`${op}WithNumSegments`, [mixed('float', [6, 2]), ids(5, 0, 2), ids(0, 0, 2), constantScalar('int32', 5)]),
  ]),
];

const counts: readonly OpCase[] = [
  ...['Unique', 'UniqueWithCounts'].flatMap((op) => [
    ...overTypes(op, ['int32', 'int64', 'int8', 'uint8', 'int16'], (dtype) => [tensor(dtype, [3, 1, 3, 7, 1, 1])]),
    opCase(op, [tensor('float', [3, 1, 3, 0.5])]),
    opCase(op, [tensor('int64', [3, 1, 3])], { attributes: { out_idx: attribute.type('int64') } }),
  ]),
  opCase('UniqueV2', [tensor('int32', [1, 2, 1, 2, 3, 4], [3, 2]), constant('int32', [0])]),
  opCase('UniqueWithCountsV2', [tensor('int64', [4, 4, 2]), constant('int64', [0])]),
  opCase('Bincount', [ids(0, 2, 2, 5, 9), constantScalar('int32', 6), constant('float', [])]),
  opCase('Bincount', [ids(0, 2, 2, 5, 9), constantScalar('int32', 6), constant('float', [1, 2, 3, 4, 5])]),
  opCase('Bincount', [ids(0, -2), constantScalar('int32', 6), constant('int32', [])], { name: 'of a negative id' }),
  ...['int32', 'int64'].flatMap((dtype) => [
    opCase('DenseBincount', [
      tensor(dtype as 'int32', [0, 2, 2, 5, 9]),
      constantScalar(dtype as 'int32', 6),
      constant('float', []),
    ]),
    opCase('DenseBincount', [
      tensor(dtype as 'int32', [0, 2, 2, 5, 9, 1], [2, 3]),
      constantScalar(dtype as 'int32', 6),
      constant('int32', []),
    ]),
  ]),
  opCase(
    'DenseBincount',
    [tensor('int32', [0, 2, 2, 5, 5, 1], [2, 3]), constantScalar('int32', 6), constant('float', [])],
    {
      attributes: { binary_output: attribute.bool(true) },
    },
  ),
  ...overTypes('Bucketize', ['float', 'double', 'int32', 'int64'], (dtype) => [tensor(dtype, [-5, 0, 1, 2, 10, 11])], {
    attributes: { boundaries: attribute.list(...[0, 1.5, 10].map(attribute.float)) },
  }),
  opCase('Bucketize', [special('float')], {
    attributes: { boundaries: attribute.list(...[0, 1.5, 10].map(attribute.float)) },
  }),
  ...['LowerBound', 'UpperBound'].flatMap((op) => [
    opCase(op, [tensor('float', [0, 1, 1, 3, 5, 6, 6, 7], [2, 4]), tensor('float', [1, 0, 9, 6, 5, -1], [2, 3])]),
    opCase(op, [tensor('int32', [0, 1, 1, 3], [1, 4]), tensor('int32', [1, 2], [1, 2])], {
      attributes: { out_type: attribute.type('int64') },
    }),
  ]),
  ...overTypes('HistogramFixedWidth', ['float', 'double', 'int32'], (dtype) => [
    tensor(dtype, [-1, 0, 2, 5, 9, 10, 4]),
    constant(dtype, [0, 10]),
    constantScalar('int32', 5),
  ]),
];

const ranks: readonly OpCase[] = [
  ...overTypes(
    'TopKV2',
    [...REAL, 'bfloat16', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'int64', 'uint32'],
    (dtype) => [mixed(dtype, [3, 6]), constantScalar('int32', 3)],
  ),
  opCase('TopKV2', [tensor('float', [1, 3, 3, 2, 3]), scalar('int32', 4)], { name: 'with ties' }),
  opCase('TopKV2', [mixed('float', [2, 2, 4]), constantScalar('int32', 4)]),
  opCase('TopKV2', [mixed('float', [2, 3]), constantScalar('int32', 5)], { name: 'of too few columns' }),
  ...[false, true].map((reverse) =>
    opCase('NthElement', [mixed('float', [2, 5]), constantScalar('int32', 1)], {
      attributes: { reverse: attribute.bool(reverse) },
      name: reverse ? 'from the largest' : 'from the smallest',
    }),
  ),
  opCase('InTopK', [tensor('float', [1, 5, 3, 3, 2, 2], [2, 3]), ids(2, 0)], { attributes: { k: attribute.int(1) } }),
  opCase('InTopKV2', [tensor('float', [1, 5, 3, 3, 2, 2], [2, 3]), ids(2, 7), constantScalar('int32', 2)]),
  opCase('InTopKV2', [tensor('float', [1, Number.NaN, 3, 3, 2, 2], [2, 3]), ids(2, 0), constantScalar('int32', 2)]),
];

const scans: readonly OpCase[] = [
  ...['Cumsum', 'Cumprod'].flatMap((op) => [
    ...overTypes(op, ['float', 'double', 'int32', 'int64', 'int8', 'uint8'], (dtype) => [
      mixed(dtype, [3, 4]),
      constantScalar('int32', 1),
    ]),
    ...[
      [true, false],
      [false, true],
      [true, true],
    ].map(([exclusive, reverse]) =>
      opCase(op, [mixed('float', [3, 4]), constantScalar('int32', -2)], {
        attributes: { exclusive: attribute.bool(exclusive!), reverse: attribute.bool(reverse!) },
        name: `exclusive ${exclusive}, reverse ${reverse}`,
      }),
    ),
  ]),
  opCase('Cumsum', [large('int64'), constantScalar('int32', 1)], { name: 'that wraps' }),
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(([exclusive, reverse]) =>
    opCase('CumulativeLogsumexp', [mixed('float', [3, 4]), constantScalar('int32', 1)], {
      attributes: { exclusive: attribute.bool(exclusive!), reverse: attribute.bool(reverse!) },
      name: `exclusive ${exclusive}, reverse ${reverse}`,
    }),
  ),
  ...['Softmax', 'LogSoftmax'].flatMap((op) => [
    ...overTypes(op, FLOATS, (dtype) => [mixed(dtype, [2, 5])], {}),
    opCase(op, [mixed('float', [2, 3, 4])]),
    ...differentOnSome(
      'a row with an infinity is all NaN in ONNX Runtime, and in TensorFlow without oneDNN',
      opCase(op, [tensor('float', [Number.POSITIVE_INFINITY, 1])]),
    ).filter(() => op === 'Softmax'),
  ]),
];

export const reductionCases: readonly OpCase[] = [
  ...reduced('Sum', REAL),
  ...reduced('Mean', REAL),
  ...reduced('Prod', REAL),
  ...reduced('Max', FLOATS),
  ...reduced('Min', FLOATS),
  ...reduced('EuclideanNorm', REAL),
  ...reduced('All', ['bool']).filter(({ inputs: [x] }) => x && 'dtype' in x && x.dtype === 'bool'),
  ...reduced('Any', ['bool']).filter(({ inputs: [x] }) => x && 'dtype' in x && x.dtype === 'bool'),
  ...integerSums,
  ...['Max', 'Min'].flatMap((op) => [
    opCase(op, [special('float'), axes(0)], { name: 'of NaN' }),
    opCase(op, [special('double'), axes(0)], { name: 'of NaN', options: { nan: 'tensorflow' } }),
  ]),
  ...['ArgMax', 'ArgMin'].flatMap((op) => [
    ...overTypes(op, [...FLOATS, ...INTEGERS.filter((dtype) => dtype !== 'uint64'), 'bool'], (dtype) => [
      mixed(dtype, [3, 5]),
      constantScalar('int32', 1),
    ]),
    opCase(op, [tensor('float', [1, 2, 2, 1]), constantScalar('int32', 0)], {
      attributes: { output_type: attribute.type('int32') },
      name: 'with ties',
    }),
    opCase(op, [tensor('float', [1, Number.NaN, 7, 0]), constantScalar('int32', 0)], {
      name: 'of NaN',
    }),
  ]),
  ...overTypes('L2Loss', REAL, (dtype) => [mixed(dtype, [2, 3])]),
  ...segments,
  ...counts,
  ...ranks,
  ...scans,
];
