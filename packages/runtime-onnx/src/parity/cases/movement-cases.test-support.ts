/** Shapes, movement of elements, and products of matrices. */
import type { TensorDataType } from '@serving/core/tensor';
import { attribute } from '../../../../test-doubles/src/saved-model-builder.js';
import { type CaseInput, type OpCase, opCase, overTypes } from '../op-case.test-support.js';
import { constant, constantScalar, FLOATS, INTEGERS, mixed, scalar, tensor } from '../values.test-support.js';

const ALL: readonly TensorDataType[] = [...FLOATS, ...INTEGERS, 'bool'];
const ints = (...values: number[]): CaseInput => constant('int32', values);
const fedInts = (...values: number[]): CaseInput => tensor('int32', values);

const shapes: readonly OpCase[] = [
  ...['int32', 'int64'].flatMap((type) =>
    ['Shape', 'Size'].map((op) =>
      opCase(op, [mixed('float', [2, 3])], { attributes: { out_type: attribute.type(type as 'int32') }, name: type }),
    ),
  ),
  opCase('ShapeN', [mixed('float', [2, 3]), mixed('float', [4])]),
  opCase('Rank', [mixed('float', [2, 3])]),
  ...overTypes('Reshape', ALL, (dtype) => [mixed(dtype, [2, 6]), ints(3, -1)]),
  opCase('Reshape', [mixed('float', [2, 6]), tensor('int64', [4, 3])]),
  opCase('Squeeze', [mixed('float', [1, 3, 1])]),
  opCase('Squeeze', [mixed('float', [1, 3, 1])], { attributes: { squeeze_dims: attribute.ints(-1) } }),
  ...[0, 1, -1].map((axis) => opCase('ExpandDims', [mixed('float', [2, 3]), constantScalar('int32', axis)])),
  opCase('ExpandDims', [mixed('float', [2]), scalar('int32', 1)]),
  ...overTypes('Transpose', ALL, (dtype) => [mixed(dtype, [2, 3, 4]), ints(2, 0, 1)]),
  opCase('BroadcastArgs', [fedInts(3, 1), fedInts(2, 1, 4)]),
  opCase('BroadcastArgs', [tensor('int64', [2, 1]), tensor('int64', [5])]),
];

const joins: readonly OpCase[] = [
  ...overTypes('ConcatV2', ALL, (dtype) => [mixed(dtype, [2, 3]), mixed(dtype, [2, 1]), constantScalar('int32', 1)]),
  opCase('ConcatV2', [mixed('float', [2]), mixed('float', [3]), constantScalar('int32', -1)]),
  opCase('Concat', [constantScalar('int32', 0), mixed('float', [2, 1]), mixed('float', [1, 1])]),
  ...[0, 2, -1, -3].map((axis) =>
    opCase('Pack', [mixed('float', [2, 3]), mixed('float', [2, 3], 2)], { attributes: { axis: attribute.int(axis) } }),
  ),
  ...overTypes('Pack', ALL, (dtype) => [mixed(dtype, []), mixed(dtype, [], 2)]),
  ...[1, 3].map((num) =>
    opCase('Unpack', [mixed('float', [num, 2])], { attributes: { num: attribute.int(num) }, name: `${num}` }),
  ),
  opCase('Unpack', [mixed('float', [2, 3])], { attributes: { num: attribute.int(3), axis: attribute.int(-1) } }),
  opCase('Split', [constantScalar('int32', 1), mixed('float', [2, 6])], {
    attributes: { num_split: attribute.int(3) },
  }),
  opCase('Split', [constantScalar('int32', 0), mixed('float', [3, 2])], {
    attributes: { num_split: attribute.int(2) },
  }),
  ...[
    [1, 2, 3],
    [2, -1, 1],
  ].map((sizes) =>
    opCase('SplitV', [mixed('float', [2, 6]), ints(...sizes), constantScalar('int32', 1)], {
      attributes: { num_split: attribute.int(3) },
      name: `${sizes}`,
    }),
  ),
];

/** `x[begin:end:strides]` with masks. */
function strided(
  shape: readonly number[],
  begin: number[],
  end: number[],
  strides: number[],
  masks: Readonly<Record<string, number>> = {},
): OpCase {
  const attributes = Object.fromEntries(
    Object.entries(masks).map(([key, value]) => [`${key}_mask`, attribute.int(value)]),
  );
  return opCase('StridedSlice', [mixed('float', shape), ints(...begin), ints(...end), ints(...strides)], {
    attributes,
    name: `${begin}:${end}:${strides} ${JSON.stringify(masks)}`,
  });
}

const slices: readonly OpCase[] = [
  strided([5], [1], [4], [2]),
  strided([5], [-2], [9], [1]),
  strided([5], [4], [0], [-1]),
  strided([5], [0], [0], [-2], { begin: 1, end: 1 }),
  strided([3], [-6], [0], [-2], { end: 1 }),
  strided([5], [-1], [0], [1], { shrink_axis: 1 }),
  strided([2, 3, 4], [0, 1], [0, 2], [1, 1], { ellipsis: 1 }),
  strided([2, 3, 4], [0, 0, 1], [0, 0, 2], [1, 1, 1], { ellipsis: 1, new_axis: 2 }),
  strided([2, 3], [0, 1, 0], [0, 2, 0], [1, 1, 1], { new_axis: 1, begin: 4, end: 4 }),
  strided([2, 3, 4], [1, 0, -1], [0, 0, 0], [1, 1, -1], { shrink_axis: 1, begin: 2, end: 6 }),
  strided([4, 3], [3], [1], [1]),
  opCase('StridedSlice', [mixed('float', [5, 2]), fedInts(1), fedInts(4), ints(1)], { name: 'of the request' }),
  opCase('StridedSlice', [mixed('float', [5, 2]), fedInts(-2), fedInts(0), ints(1)], {
    name: 'at a place of the request',
    attributes: { shrink_axis_mask: attribute.int(1) },
  }),
  ...overTypes('StridedSlice', ALL, (dtype) => [mixed(dtype, [4, 2]), ints(1), ints(3), ints(1)]),
  opCase('TensorStridedSliceUpdate', [mixed('float', [4, 2]), ints(1), ints(3), ints(1), mixed('float', [2, 2], 9)]),
  opCase('StridedSliceGrad', [ints(4, 2), ints(0), ints(4), ints(2), mixed('float', [2, 2], 9)]),
  ...overTypes('Slice', ALL, (dtype) => [mixed(dtype, [4, 3]), ints(1, 0), ints(2, -1)]),
  opCase('Slice', [mixed('float', [4, 3]), fedInts(1, 0), fedInts(-1, 2)]),
  opCase('Slice', [mixed('float', [4, 3]), ints(1, 0), ints(4, 3)], { name: 'over the end' }),
];

const borders: readonly OpCase[] = [
  ...overTypes('Pad', ALL, (dtype) => [mixed(dtype, [2, 3]), constant('int32', [1, 0, 2, 1], [2, 2])]),
  ...overTypes('PadV2', ['float', 'int32', 'int16'], (dtype) => [
    mixed(dtype, [2, 3]),
    constant('int32', [0, 2, 0, 1], [2, 2]),
    constantScalar(dtype, 7),
  ]),
  opCase('Pad', [mixed('float', [3]), tensor('int32', [2, 1], [1, 2])]),
  opCase('Pad', [mixed('float', [3]), tensor('int32', [2, -1], [1, 2])], { name: 'by a negative width' }),
  ...['REFLECT', 'SYMMETRIC'].flatMap((mode) => [
    ...overTypes(
      'MirrorPad',
      ['float', 'int32', 'half', 'bool', 'int8'],
      (dtype) => [mixed(dtype, [3, 4]), constant('int32', [2, 1, 0, 3], [2, 2])],
      { attributes: { mode: attribute.text(mode) }, name: mode },
    ),
    opCase('MirrorPad', [mixed('float', [2]), constant('int32', [3, 0], [1, 2])], {
      attributes: { mode: attribute.text(mode) },
      name: `${mode}, wider than the input`,
    }),
  ]),
  ...overTypes(
    'Tile',
    ALL.filter((dtype) => dtype !== 'uint16' && dtype !== 'uint64'),
    (dtype) => [mixed(dtype, [2, 3]), ints(2, 1)],
  ),
  ...overTypes('BroadcastTo', ALL, (dtype) => [mixed(dtype, [3, 1]), ints(2, 3, 4)]),
  opCase('BroadcastTo', [mixed('float', [3]), fedInts(2, 3)]),
  opCase('BroadcastTo', [mixed('float', [3]), fedInts(1)], { name: 'to a shape that does not fit' }),
];

const filled: readonly OpCase[] = [
  ...overTypes('Fill', ALL, (dtype) => [ints(2, 3), scalar(dtype, 1)]),
  opCase('Fill', [fedInts(2, 2), constantScalar('float', 1.5)]),
  ...['ZerosLike', 'OnesLike'].flatMap((op) => overTypes(op, ALL, (dtype) => [mixed(dtype, [2, 3])])),
  ...overTypes('Range', ['int32', 'int64', 'float', 'double'], (dtype) => [
    scalar(dtype, 2),
    scalar(dtype, 17),
    scalar(dtype, 4),
  ]),
  opCase('Range', [scalar('float', 0), scalar('float', 5), scalar('float', 0.1)]),
  opCase('Range', [scalar('int32', 9), scalar('int32', 2), scalar('int32', -3)]),
  opCase('Range', [scalar('int32', 3), scalar('int32', 0), scalar('int32', 1)], { name: 'in the wrong direction' }),
  ...[1, 2, 7].map((num) =>
    opCase('LinSpace', [scalar('float', 1), scalar('float', 3), scalar('int32', num)], { name: `of ${num}` }),
  ),
  opCase('LinSpace', [scalar('double', 1), scalar('double', -3), scalar('int64', 5)]),
  ...overTypes('OneHot', ALL, (dtype) => [
    fedInts(0, 2, -1, 5),
    constantScalar('int32', 3),
    constantScalar(dtype, 1),
    constantScalar(dtype, 0),
  ]),
  ...[0, 1, 2].map((axis) =>
    opCase(
      'OneHot',
      [tensor('int64', [0, 1, 2, 1], [2, 2]), scalar('int32', 3), scalar('float', 5), scalar('float', -1)],
      {
        attributes: { axis: attribute.int(axis) },
        name: `along ${axis}`,
      },
    ),
  ),
  opCase('OneHot', [tensor('uint8', [0, 1]), constantScalar('int32', 2), scalar('float', 5), scalar('float', -1)]),
  ...overTypes('InvertPermutation', ['int32', 'int64'], (dtype) => [tensor(dtype, [2, 0, 1])]),
];

const gathered: readonly OpCase[] = [
  ...overTypes('GatherV2', ALL, (dtype) => [mixed(dtype, [4, 2]), fedInts(3, 0, 3), constantScalar('int32', 0)]),
  opCase('GatherV2', [mixed('float', [2, 4]), tensor('int64', [3, 0, 1, 1], [2, 2]), constantScalar('int32', 1)]),
  opCase('GatherV2', [mixed('float', [2, 4]), scalar('int32', 2), constantScalar('int32', -1)]),
  opCase('Gather', [mixed('float', [4, 2]), fedInts(1, 2)]),
  ...[-1, 4].flatMap((id) => [
    opCase('GatherV2', [mixed('float', [4, 2]), fedInts(0, id), constantScalar('int32', 0)], { name: `at ${id}` }),
    opCase('GatherV2', [constant('float', [1, 2, 3, 4]), fedInts(0, id), constantScalar('int32', 0)], {
      name: `at ${id}`,
    }),
  ]),
  ...[1, 2].map((axis) =>
    opCase(
      'GatherV2',
      [mixed('float', [2, 3, 4]), tensor('int32', [0, 1, 2, 0, 2, 2], [2, 3]), constantScalar('int32', axis)],
      {
        attributes: { batch_dims: attribute.int(1) },
        name: `in batches, along ${axis}`,
      },
    ),
  ),
  opCase('GatherNd', [mixed('float', [3, 4]), constant('int32', [0, 1, 2, 3], [2, 2])]),
  opCase('GatherNd', [mixed('float', [3, 4]), constant('int64', [2, 0], [2, 1])]),
  opCase('GatherNd', [mixed('float', [3, 4]), constant('int32', [0, 4], [1, 2])], { name: 'outside' }),
  opCase('GatherNd', [mixed('float', [3, 4]), constant('int32', [0, -1], [1, 2])], { name: 'at a negative place' }),
];

const rows = constant('int32', [1, 3, 1], [3, 1]);
const scattered: readonly OpCase[] = [
  ...overTypes('ScatterNd', [...FLOATS, ...INTEGERS], (dtype) => [rows, mixed(dtype, [3, 2]), ints(4, 2)]),
  opCase('ScatterNd', [constant('int32', [1, 4], [2, 1]), mixed('float', [2]), ints(4)], { name: 'outside' }),
  ...['TensorScatterAdd', 'TensorScatterSub', 'TensorScatterMax', 'TensorScatterMin', 'TensorScatterUpdate'].flatMap(
    (op) =>
      overTypes(op, ['float', 'double', 'half', 'int32', 'int64', 'int8', 'uint8'], (dtype) => [
        mixed(dtype, [4, 2]),
        rows,
        mixed(dtype, [3, 2], 7),
      ]),
  ),
  opCase('TensorScatterUpdate', [mixed('bool', [4]), rows, tensor('bool', [1, 0, 1])]),
];

const chosen: readonly OpCase[] = [
  ...overTypes(
    'Where',
    ALL.filter((dtype) => dtype !== 'half'),
    (dtype) => [tensor(dtype, [0, 1, 1, 0, 0, 1], [2, 3])],
  ),
  opCase('Where', [tensor('float', [Number.NaN, -0, 1])]),
  ...overTypes('SelectV2', ALL, (dtype) => [mixed('bool', [2, 1], 5), mixed(dtype, [2, 3]), mixed(dtype, [3], 2)]),
  opCase('Select', [mixed('bool', [2], 5), mixed('float', [2, 3]), mixed('float', [2, 3], 2)]),
  opCase('Select', [mixed('bool', [2, 3], 5), mixed('float', [2, 3]), mixed('float', [2, 3], 2)]),
  opCase('Select', [scalar('bool', 1), mixed('float', [2, 3]), mixed('float', [2, 3], 2)]),
  ...overTypes(
    'DynamicPartition',
    ['float', 'int32', 'bool', 'half'],
    (dtype) => [mixed(dtype, [4, 2]), fedInts(1, 0, 1, 2)],
    {
      attributes: { num_partitions: attribute.int(4) },
    },
  ),
  opCase('DynamicPartition', [mixed('float', [2, 2, 3]), tensor('int32', [1, 0, 0, 0], [2, 2])], {
    attributes: { num_partitions: attribute.int(2) },
  }),
  opCase('DynamicPartition', [mixed('float', [2]), fedInts(0, 2)], {
    attributes: { num_partitions: attribute.int(2) },
    name: 'outside',
  }),
  ...['DynamicStitch', 'ParallelDynamicStitch'].map((op) =>
    opCase(op, [fedInts(0, 2), fedInts(3, 1, 2), mixed('float', [2, 2]), mixed('float', [3, 2], 2)], {
      attributes: { N: attribute.int(2) },
    }),
  ),
  ...overTypes('ListDiff', ['int32', 'int64', 'float'], (dtype) => [
    tensor(dtype, [1, 2, 3, 4, 2]),
    tensor(dtype, [2, 5]),
  ]),
];

const reversed: readonly OpCase[] = [
  ...overTypes('ReverseV2', ALL, (dtype) => [mixed(dtype, [2, 3]), ints(-1)]),
  opCase('ReverseV2', [mixed('float', [2, 3]), ints(0, 1)]),
  opCase('Reverse', [mixed('float', [2, 3]), constant('bool', [0, 1])]),
  ...overTypes('Roll', ['float', 'int32', 'bool'], (dtype) => [mixed(dtype, [3, 4]), ints(1, -6), ints(0, 1)]),
  opCase('Roll', [mixed('float', [5]), scalar('int32', 2), constantScalar('int32', 0)]),
  ...[
    [0, 1],
    [1, 0],
    [0, 2],
  ].map(([batch, time]) =>
    opCase('ReverseSequence', [mixed('float', [2, 2, 2]), fedInts(2, 1)], {
      attributes: { batch_dim: attribute.int(batch!), seq_dim: attribute.int(time!) },
      name: `along ${time} in ${batch}`,
    }),
  ),
];

export const movementCases: Readonly<Record<string, readonly OpCase[]>> = {
  'shapes and joins': [...shapes, ...joins],
  'slices and borders': [...slices, ...borders],
  'filled and gathered tensors': [...filled, ...gathered, ...scattered],
  'selection and reversal': [...chosen, ...reversed],
};
