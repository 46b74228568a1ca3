/** Operations on each element. */
import type { Tensor, TensorDataType } from '@serving/core/tensor';
import { attribute } from '../../../../test-doubles/src/saved-model-builder.js';
import { accepted, type OpCase, opCase, overTypes } from '../op-case.test-support.js';
import {
  between,
  constant,
  constantScalar,
  extremes,
  FLOATS,
  INTEGERS,
  mixed,
  SIGNED,
  scalar,
  special,
  tensor,
  UNSIGNED,
} from '../values.test-support.js';

const REAL: readonly TensorDataType[] = ['float', 'double', 'half'];
const pair = (dtype: TensorDataType) => [mixed(dtype, [2, 3], 1), mixed(dtype, [2, 3], 2)];
const broadcast = (dtype: TensorDataType) => [mixed(dtype, [2, 1, 3], 3), mixed(dtype, [4, 1], 4)];

const binary = (op: string, dtypes: readonly TensorDataType[]): OpCase[] => [
  ...overTypes(op, dtypes, pair),
  ...overTypes(op, dtypes.slice(0, 2), broadcast),
];

const unary = (op: string, dtypes: readonly TensorDataType[], low = -3, high = 3): OpCase[] =>
  overTypes(op, dtypes, (dtype) => [between(dtype, [2, 4], low, high)]);

const pairsOfExtremes = (dtype: TensorDataType) => {
  const { data } = extremes(dtype);
  const values = Array.from(data as Iterable<number | bigint>, BigInt);
  const [a, b] = [values.flatMap((value) => values.map(() => value)), values.flatMap(() => values)];
  return [tensor(dtype, a), tensor(dtype, b)];
};

/** Without 0 among the divisors, and without the least number among the dividends. */
const divisions = (dtype: TensorDataType) => {
  const [a, b] = pairsOfExtremes(dtype);
  const least = Array.from(a!.data as Iterable<number | bigint>, BigInt)[0]!;
  const replaced = (values: Tensor, from: bigint, to: bigint): Tensor =>
    tensor(
      dtype,
      Array.from(values.data as Iterable<number | bigint>, (value) => (BigInt(value) === from ? to : value)),
    );
  return [replaced(a!, least, least + 2n), replaced(b!, 0n, 3n)];
};

const WRAPPING = ['AddV2', 'Sub', 'Mul', 'Maximum', 'Minimum', 'SquaredDifference'];

export const elementWiseCases: readonly OpCase[] = [
  ...['Add', 'AddV2', 'Sub', 'Mul', 'Maximum', 'Minimum', 'SquaredDifference'].flatMap((op) => binary(op, FLOATS)),
  ...WRAPPING.flatMap((op) =>
    overTypes(op, op === 'SquaredDifference' ? ['int32', 'int64'] : INTEGERS, pairsOfExtremes),
  ).filter(({ op, inputs: [x] }) => !(/imum/.test(op) && x && 'dtype' in x && x.dtype === 'uint64')),
  ...overTypes('AddN', ['float', 'int32', 'half'], (dtype) => [1, 2, 3].map((seed) => mixed(dtype, [2, 3], seed))),
  opCase('BiasAddV1', [mixed('float', [2, 4]), mixed('float', [4], 2)]),
  opCase('AccumulateNV2', [mixed('float', [3]), mixed('float', [3], 2)], {
    attributes: { shape: attribute.shape([3]) },
  }),
  ...overTypes('BiasAdd', ['float', 'double', 'int32'], (dtype) => [mixed(dtype, [2, 3, 4]), mixed(dtype, [4], 2)]),
  opCase('BiasAdd', [mixed('float', [2, 3, 4, 5]), mixed('float', [3], 2)], {
    attributes: { data_format: attribute.text('NCHW') },
  }),
  ...['RealDiv', 'Div', 'DivNoNan', 'MulNoNan', 'Xdivy'].flatMap((op) => binary(op, REAL)),
  ...['DivNoNan', 'MulNoNan', 'Xdivy', 'Xlogy', 'Xlog1py'].map((op) =>
    opCase(op, [special('float'), tensor('float', Array(10).fill(0))], { name: 'with 0' }),
  ),
  ...['Xlogy', 'Xlog1py'].flatMap((op) =>
    overTypes(op, REAL, (dtype) => [mixed(dtype, [6]), between(dtype, [6], 0.1, 4)]),
  ),
  ...['Div', 'FloorDiv', 'TruncateDiv'].flatMap((op) => overTypes(op, INTEGERS, divisions)),
  ...['FloorMod'].flatMap((op) => overTypes(op, INTEGERS, divisions)),
  ...['Mod', 'TruncateMod'].flatMap((op) => overTypes(op, ['int32', 'int64'], divisions)),
  ...['Div', 'FloorDiv'].map((op) =>
    opCase(op, [tensor('int32', [1, 2, 3]), tensor('int32', [1, 0, 2])], { name: 'by 0' }),
  ),
  ...accepted(
    'TensorFlow answers INTERNAL for its own lack of a text',
    opCase('TruncateDiv', [tensor('int32', [1, 2]), tensor('int32', [1, 0])]),
  ),
  ...['FloorDiv', 'FloorMod'].flatMap((op) => [
    ...binary(op, ['float', 'double']),
    opCase(op, [special('float'), tensor('float', [1, 1, -2, 0.3, 2, 2, 2, 7, 7, -3])], { name: 'of special values' }),
  ]),
  ...['Mod', 'TruncateMod'].flatMap((op) => binary(op, ['float', 'double'])),
  ...overTypes('Pow', REAL, (dtype) => [between(dtype, [2, 3], 0.1, 3), mixed(dtype, [2, 3], 5)]),
  ...overTypes('Pow', ['int8', 'int16', 'int32', 'int64'], (dtype) => [
    mixed(dtype, [5]),
    tensor(dtype, [0, 1, 3, 7, 40]),
  ]),
  opCase('Pow', [tensor('int64', [3, -7, 2, 1_000_003n]), tensor('int64', [40, 30, 62, 5])], { name: 'beyond 2^53' }),
  opCase('Pow', [tensor('int32', [2, 3]), tensor('int32', [3, -1])], { name: 'to a negative power' }),
  ...[2, 3, 0.5, -0.5, -1, 1.7].map((exponent) =>
    opCase('Pow', [between('float', [2, 3], 0.1, 3), constantScalar('float', exponent)], { name: `to ${exponent}` }),
  ),
  opCase('Pow', [mixed('int32', [4]), constantScalar('int32', 5)]),
  ...['Neg', 'Abs', 'Sign', 'Square'].flatMap((op) => [
    ...unary(op, FLOATS),
    ...overTypes(op, op === 'Square' ? ['int32', 'int64'] : SIGNED, (dtype) => [extremes(dtype)]),
  ]),
  ...['Reciprocal', 'Inv'].flatMap((op) => unary(op, REAL, 0.1, 3)),
  ...['Exp', 'Sin', 'Cos', 'Tan', 'Tanh', 'Floor', 'Ceil', 'Rint', 'Round'].flatMap((op) => [
    ...unary(op, op === 'Rint' ? ['float', 'double'] : op === 'Tan' ? REAL : FLOATS, -1.4, 1.4),
    opCase(op, [special('float')], {
      name: 'of special values',
      ...(/Sin|Cos|Tan$/.test(op) && { tolerance: { relative: 1e-4, absolute: 1e-5 } }),
    }),
  ]),
  opCase('Round', [tensor('float', [0.5, 1.5, 2.5, -0.5, -1.5, 2.4])]),
  ...accepted('TensorFlow makes 0 of integers', opCase('Round', [mixed('int32', [3])])),
  ...['Log', 'Sqrt', 'Rsqrt', 'Log1p'].flatMap((op) => [
    ...unary(op, FLOATS, 0.01, 5),
    opCase(op, [special('float')], { name: 'of special values' }),
  ]),
  ...['Log1p', 'Expm1'].flatMap((op) =>
    overTypes(op, ['float', 'double'], (dtype) => [tensor(dtype, [1e-9, -1e-9, 1e-5, -1e-5, 0.3, -0.4, 10, 0])]),
  ),
  ...['Expm1', 'Sigmoid', 'Erf', 'Sinh', 'Cosh', 'Asinh', 'Atan'].flatMap((op) => [
    ...unary(op, op === 'Erf' || op === 'Atan' ? ['float', 'half'] : REAL),
    opCase(op, [special('float')], { name: 'of special values' }),
  ]),
  ...['Sinh', 'Asinh'].map((op) => opCase(op, [tensor('double', [1e-9, -1e-9, 300, -300, 1e5, 0])])),
  ...['Log', 'Reciprocal', 'Rsqrt'].map((op) =>
    opCase('Sigmoid', [tensor('float', [-17, -19, -30, -80, 0, 20])], {
      followedBy: [op],
      tolerance: { relative: 2e-6, absolute: 1e-6 },
    }),
  ),
  opCase('Erfc', [between('float', [8], -3, 3)]),
  ...unary('Acosh', REAL, 1, 9),
  ...['Asin', 'Acos', 'Atanh'].flatMap((op) => unary(op, op === 'Atanh' ? REAL : ['float', 'half'], -0.9, 0.9)),
  ...['Asin', 'Acos', 'Atan', 'Erf', 'Atan2'].flatMap((op) =>
    accepted(
      'ONNX Runtime has no double kernel',
      opCase(op, op === 'Atan2' ? pair('double') : [between('double', [3], -0.9, 0.9)]),
    ),
  ),
  ...overTypes('Erf', ['double'], (dtype) => [between(dtype, [3], -1, 1)], {
    name: 'in float32',
    options: { float64: 'float32' },
    tolerance: { relative: 1e-6, absolute: 1e-6 },
  }),
  ...overTypes('Atan2', ['float'], pair),
  opCase('Atan2', [
    tensor('float', [0, 0, 1, -1, 1, -1, 1, 0]),
    tensor('float', [1, -1, 0, 0, -1, -1, Number.POSITIVE_INFINITY, 0]),
  ]),
  ...['Relu', 'Relu6'].flatMap((op) => [
    ...overTypes(op, [...FLOATS, 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16'], (dtype) => [mixed(dtype, [8])]),
  ]),
  ...['Elu', 'Selu', 'Softplus', 'Softsign', 'LeakyRelu'].flatMap((op) =>
    unary(op, op === 'LeakyRelu' ? FLOATS : REAL),
  ),
  opCase('LeakyRelu', [mixed('float', [4])], { attributes: { alpha: attribute.float(0.01) } }),
  ...overTypes('ClipByValue', ['float', 'int32', 'int64'], (dtype) => [
    mixed(dtype, [8]),
    constantScalar(dtype, -1),
    constantScalar(dtype, 2),
  ]),
  opCase('ClipByValue', [mixed('float', [8]), scalar('float', 2), scalar('float', -1)], {
    name: 'between swapped bounds',
  }),
  ...['IsNan', 'IsInf', 'IsFinite'].flatMap((op) => overTypes(op, FLOATS, (dtype) => [special(dtype)])),
  ...['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'].flatMap((op) => [
    ...overTypes(op, FLOATS, (dtype) => [special(dtype), special(dtype)]),
    ...overTypes(op, INTEGERS, pairsOfExtremes),
  ]),
  ...['Equal', 'NotEqual'].flatMap((op) => [
    opCase(op, pair('bool')),
    opCase(
      op,
      [constant('float', [1, 2]), constant('float', [1, 2, 3])].map(({ constant: value }) => value),
      {
        name: 'of shapes that do not fit',
      },
    ),
  ]),
  opCase('ApproximateEqual', [tensor('float', [1, 2, 3]), tensor('float', [1.000001, 2.1, 3])]),
  ...['LogicalAnd', 'LogicalOr'].map((op) => opCase(op, pair('bool'))),
  opCase('LogicalNot', [mixed('bool', [5])]),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].flatMap((op) => overTypes(op, INTEGERS, pairsOfExtremes)),
  ...overTypes('Invert', INTEGERS, (dtype) => [extremes(dtype)]),
  ...['LeftShift', 'RightShift'].flatMap((op) => [
    ...overTypes(op, SIGNED, (dtype) => [extremes(dtype), tensor(dtype, [0, 1, 3, 5, 2, 70, -3])]),
    ...overTypes(op, UNSIGNED, (dtype) => [extremes(dtype), tensor(dtype, [0, 1, 3, 5, 2, 70, 7])]),
  ]),
  opCase('Cross', [mixed('float', [2, 3]), mixed('float', [2, 3], 8)]),
];
