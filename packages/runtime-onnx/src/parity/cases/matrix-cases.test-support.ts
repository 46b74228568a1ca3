/** Blocks of images, matrices, old forms of operations, and what passes its input on. */
import type { TensorDataType } from '@serving/core/tensor';
import { attribute } from '../../../../test-doubles/src/saved-model-builder.js';
import { accepted, type CaseInput, type OpCase, opCase, overTypes } from '../op-case.test-support.js';
import { between, constant, constantScalar, FLOATS, INTEGERS, mixed, scalar, tensor } from '../values.test-support.js';

const ALL: readonly TensorDataType[] = [...FLOATS, ...INTEGERS, 'bool'];
const ints = (...values: number[]): CaseInput => constant('int32', values);

const images: readonly OpCase[] = [
  ...['float', 'uint8', 'int32', 'half'].flatMap((dtype) => [
    opCase('SpaceToDepth', [mixed(dtype as 'float', [1, 4, 6, 2])], { attributes: { block_size: attribute.int(2) } }),
    opCase('DepthToSpace', [mixed(dtype as 'float', [1, 2, 3, 8])], { attributes: { block_size: attribute.int(2) } }),
  ]),
  opCase('SpaceToBatchND', [mixed('float', [1, 3, 5, 2]), ints(2, 3), constant('int32', [1, 0, 0, 1], [2, 2])]),
  opCase('SpaceToBatchND', [mixed('int32', [2, 4]), ints(2), tensor('int32', [1, 1], [1, 2])]),
  opCase('BatchToSpaceND', [mixed('float', [6, 2, 2, 1]), ints(2, 3), constant('int32', [1, 0, 0, 1], [2, 2])]),
  opCase('SpaceToBatch', [mixed('float', [1, 4, 4, 1]), constant('int32', [0, 0, 0, 0], [2, 2])], {
    attributes: { block_size: attribute.int(2) },
  }),
  opCase('BatchToSpace', [mixed('float', [4, 2, 2, 1]), constant('int32', [0, 1, 1, 0], [2, 2])], {
    attributes: { block_size: attribute.int(2) },
  }),
  opCase('ExtractImagePatches', [mixed('float', [1, 6, 7, 2])], {
    attributes: {
      ksizes: attribute.ints(1, 3, 2, 1),
      strides: attribute.ints(1, 2, 1, 1),
      rates: attribute.ints(1, 1, 2, 1),
      padding: attribute.text('VALID'),
    },
  }),
  opCase('ExtractImagePatches', [mixed('float', [1, 5, 6, 1])], {
    attributes: {
      ksizes: attribute.ints(1, 3, 3, 1),
      strides: attribute.ints(1, 1, 1, 1),
      rates: attribute.ints(1, 1, 1, 1),
      padding: attribute.text('SAME'),
    },
    name: 'SAME',
  }),
  opCase('ExtractVolumePatches', [mixed('float', [1, 4, 4, 4, 2])], {
    attributes: {
      ksizes: attribute.ints(1, 2, 2, 2, 1),
      strides: attribute.ints(1, 2, 1, 2, 1),
      padding: attribute.text('VALID'),
    },
  }),
];

const matrices: readonly OpCase[] = [
  ...[
    [0, 0],
    [1, -1],
    [-1, 0],
    [1, 2],
  ].map(([lower, upper]) =>
    opCase('MatrixBandPart', [mixed('float', [2, 3, 4]), constantScalar('int64', lower!), scalar('int64', upper!)], {
      name: `${lower}, ${upper}`,
    }),
  ),
  ...overTypes('MatrixBandPart', ALL, (dtype) => [
    mixed(dtype, [3, 3]),
    constantScalar('int32', 0),
    constantScalar('int32', -1),
  ]),
  opCase('MatrixDiag', [mixed('float', [2, 3])]),
  ...[0, 1, -2].map((k) =>
    opCase('MatrixDiagV3', [
      mixed('float', [2, 3]),
      constantScalar('int32', k),
      constantScalar('int32', -1),
      constantScalar('int32', -1),
      constantScalar('float', 9),
    ]),
  ),
  opCase('MatrixSetDiag', [mixed('float', [2, 3, 4]), mixed('float', [2, 3], 4)]),
  ...[1, -1].map((k) =>
    opCase('MatrixSetDiagV3', [
      mixed('int32', [3, 4]),
      mixed('int32', [k === 1 ? 3 : 2], 4),
      constantScalar('int32', k),
    ]),
  ),
  opCase('MatrixDiagPart', [mixed('float', [2, 3, 4])]),
  ...[1, -1].map((k) =>
    opCase('MatrixDiagPartV3', [mixed('float', [3, 4]), constantScalar('int32', k), constantScalar('float', 0)]),
  ),
  ...accepted(
    'bands of diagonals have no ONNX operator yet',
    opCase('MatrixDiagPartV3', [mixed('float', [3, 4]), ints(0, 1), constantScalar('float', 0)]),
  ),
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ].map(([a, b]) =>
    opCase('MatMul', [mixed('float', a ? [3, 2] : [2, 3]), mixed('float', b ? [4, 3] : [3, 4], 2)], {
      attributes: { transpose_a: attribute.bool(a!), transpose_b: attribute.bool(b!) },
      tolerance: { relative: 1e-5, absolute: 1e-5 },
      name: `${a}, ${b}`,
    }),
  ),
  ...overTypes('MatMul', ['double', 'half', 'int32', 'int64', 'uint32', 'int8', 'int16'], (dtype) => [
    mixed(dtype, [2, 3]),
    mixed(dtype, [3, 2], 2),
  ]).filter(({ inputs: [x] }) => x && 'dtype' in x && !/int(8|16)|uint32/.test(x.dtype)),
  ...['BatchMatMul', 'BatchMatMulV2'].map((op) =>
    opCase(op, [mixed('float', [2, 3, 4]), mixed('float', [2, 5, 4], 2)], {
      attributes: { adj_y: attribute.bool(true) },
      tolerance: { relative: 1e-5, absolute: 1e-5 },
    }),
  ),
  opCase('BatchMatMulV2', [mixed('float', [2, 1, 3, 4]), mixed('float', [5, 4, 2], 2)], {
    tolerance: { relative: 1e-5, absolute: 1e-5 },
  }),
  ...['ab,bc->ac', '...ab,...cb->...ac', 'ab,ab->a', 'ab,cb->abc'].map((equation) =>
    opCase('Einsum', [mixed('float', [3, 3]), mixed('float', [3, 3], 2)], {
      attributes: { equation: attribute.text(equation) },
      tolerance: { relative: 1e-5, absolute: 1e-5 },
      name: equation,
    }),
  ),
  ...['aab->ba', 'ab->b'].map((equation) =>
    opCase('Einsum', [mixed('float', equation.startsWith('aa') ? [2, 2, 3] : [2, 3])], {
      attributes: { equation: attribute.text(equation) },
      tolerance: { relative: 1e-5, absolute: 1e-5 },
      name: equation,
    }),
  ),
  ...[false, true].map((adjoint) =>
    opCase('MatrixInverse', [between('float', [2, 3, 3], -2, 2, 11)], {
      attributes: { adjoint: attribute.bool(adjoint) },
      tolerance: { relative: 1e-4, absolute: 1e-4 },
      name: `${adjoint}`,
    }),
  ),
  opCase('MatrixInverse', [tensor('float', [1, 2, 2, 4], [2, 2])], { name: 'of a singular matrix' }),
  ...['MatrixInverse', 'MatrixDeterminant'].flatMap((op) => [
    opCase(op, [mixed('float', [2, 3, 2])], { name: 'of matrices that are not square' }),
    opCase(op, [mixed('float', [4, 1, 5])], { name: 'of rows' }),
  ]),
  opCase('MatrixDeterminant', [mixed('float', [2, 3, 3])], { tolerance: { relative: 1e-4, absolute: 1e-4 } }),
];

const oldForms: readonly OpCase[] = [
  opCase('ConjugateTranspose', [mixed('float', [2, 3]), ints(1, 0)]),
  opCase('ParallelConcat', [constant('float', [1, 2], [1, 2]), constant('float', [3, 4], [1, 2])], {
    attributes: { shape: attribute.shape([2, 2]) },
  }),
  opCase('MatrixDiagV2', [
    mixed('float', [2, 3]),
    constantScalar('int32', 1),
    constantScalar('int32', -1),
    constantScalar('int32', -1),
    constantScalar('float', 9),
  ]),
  opCase('MatrixSetDiagV2', [mixed('float', [3, 4]), mixed('float', [3], 4), constantScalar('int32', 1)]),
  opCase('MatrixDiagPartV2', [mixed('float', [3, 4]), constantScalar('int32', 1), constantScalar('float', 0)]),
  opCase('BatchMatMulV3', [mixed('int8', [2, 3]), mixed('int8', [3, 2], 2)], {
    attributes: { Tout: attribute.type('int32') },
  }),
];

const passed: readonly OpCase[] = [
  ...['Identity', 'StopGradient', 'PreventGradient', 'Snapshot'].map((op) => opCase(op, [mixed('float', [2, 3])])),
  opCase('IdentityN', [mixed('float', [2]), mixed('int32', [3])]),
  opCase('PlaceholderWithDefault', [mixed('float', [2])], { attributes: { shape: attribute.shape([-1]) } }),
  ...[
    [-1, 3],
    [2, 4],
  ].map((shape) =>
    opCase('EnsureShape', [mixed('float', [2, 3])], {
      attributes: { shape: attribute.shape(shape) },
      name: `${shape}`,
    }),
  ),
  ...['CheckNumerics', 'CheckNumericsV2'].flatMap((op) =>
    [1, Number.NaN, Number.POSITIVE_INFINITY].map((value) =>
      opCase(op, [tensor('float', [0, value])], {
        attributes: { message: attribute.text('bad') },
        name: `of ${value}`,
      }),
    ),
  ),
];

export const matrixCases: Readonly<Record<string, readonly OpCase[]>> = {
  'blocks and matrices': [...images, ...matrices],
  'old forms and what passes its input on': [...oldForms, ...passed],
};
