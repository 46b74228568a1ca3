/** Which data types ONNX Runtime's operators have kernels for on the CPU, and in which other type the same is computed. */
import type { DataType } from '@serving/core/tensor';

const INT_8_TO_64 = 'int8 uint8 int16 uint16 int32 int64 uint32 uint64';
const REAL = 'float double half';
const ANY = `${REAL} ${INT_8_TO_64}`;
const MOVED = `${ANY} bfloat16 bool`;

const GROUPS: readonly (readonly [types: string, operators: string])[] = [
  [ANY, 'Abs Add Sub Mul Div Mod Less LessOrEqual Greater GreaterOrEqual'],
  [`${REAL} int8 int16 int32 int64`, 'Neg'],
  [`${ANY} bfloat16`, 'Sign'],
  [
    REAL,
    'Exp Log Sqrt Reciprocal Floor Ceil Round Sin Cos Tanh Sigmoid Softmax LogSoftmax BatchNormalization Gemm LSTM GRU RNN Sum Inverse',
  ],
  [
    'float half',
    `Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Erf Softplus Softsign Elu Selu LeakyRelu HardSwish HardSigmoid Mish Gelu PRelu Conv
     ConvTranspose AveragePool Det LRN`,
  ],
  [`${REAL} int8 int32`, 'Relu'],
  [`${REAL} bfloat16`, 'IsNaN IsInf LayerNormalization'],
  ['bool', 'Not And Or Xor'],
  [
    MOVED,
    'Identity Transpose Concat Slice Gather GatherND ScatterND ScatterElements Split Cast Reshape Squeeze Unsqueeze Compress',
  ],
  [`${REAL} int32 int64`, 'CumSum Pow ReduceSum ReduceMean ReduceProd ReduceL2 Einsum'],
  ['float double int32 int64', 'CumProd'],
  [INT_8_TO_64, 'BitwiseNot BitwiseAnd BitwiseOr BitwiseXor'],
  [`${REAL} int8 uint8 int32 int64 uint32 uint64`, 'Max Min Clip'],
  [`${ANY} bool`, 'Equal Tile Expand ReverseSequence'],
  ['uint8 uint32 uint64', 'BitShift'],
  [`${REAL} int32 int64 uint32 uint64`, 'MatMul'],
  [`${REAL} int8 uint8 int32 int64`, 'ReduceMax ReduceMin ArgMax ArgMin'],
  [`${REAL} int8 uint8`, 'MaxPool DepthToSpace SpaceToDepth'],
  ['float half int8 uint8 int32', 'Resize'],
  [`${REAL} int8 uint8 int32 int64 uint32 uint64 bool`, 'Pad'],
  [`${REAL} uint8 int32 int64`, 'Where'],
  ['float half uint8 int32 int64 bool', 'NonZero'],
  [`${REAL} int8 uint8 int16 int32 int64`, 'TopK'],
  ['float double half int8 int64', 'Unique'],
  [`${REAL} int32 int64 bool`, 'Trilu'],
  ['float double int16 int32 int64', 'Range'],
  ['float', 'NonMaxSuppression DFT'],
];

const types: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  GROUPS.flatMap(([group, operators]) => {
    const set = new Set(group.split(' '));
    return operators.split(/\s+/).map((operator) => [operator, set] as const);
  }),
);

/** Types that hold every value of a type, nearest first. */
const WIDER: Partial<Record<DataType, readonly DataType[]>> = {
  int8: ['int32', 'int64'],
  uint8: ['int32', 'int64'],
  int16: ['int32', 'int64'],
  uint16: ['int32', 'int64'],
  int32: ['int64'],
  uint32: ['int64'],
  bool: ['uint8', 'int32'],
  half: ['float'],
  bfloat16: ['float'],
};

/**
 * Operators whose results are right when uint64 is taken as int64, bit for bit: they move values, compare them for equality, or
 * wrap.
 */
const BITWISE_64: ReadonlySet<string> = new Set([
  'Where',
  'CumSum',
  'Unique',
  'Trilu',
  'NonZero',
  'Range',
  'Neg',
  'ReduceSum',
]);

/** Operators whose sums TensorFlow rounds to bfloat16 in another order: results would differ by more than their last bit. */
const SUMS: ReadonlySet<string> = new Set(
  'MatMul Gemm Einsum CumSum ReduceSum ReduceMean ReduceL2 ReduceProd Conv ConvTranspose AveragePool LSTM GRU RNN'.split(
    ' ',
  ),
);

/** Whether ONNX Runtime has a kernel of an operator for a type. */
export function hasKernel(operator: string, dtype: DataType): boolean {
  return types.get(operator)?.has(dtype) ?? false;
}

/**
 * The type in which an operator is computed for values of a type: itself, or one that holds all its values; `undefined` where there
 * is none.
 */
export function kernelType(operator: string, dtype: DataType): DataType | undefined {
  if (hasKernel(operator, dtype)) return dtype;
  if (dtype === 'uint64' && BITWISE_64.has(operator)) return 'int64';
  if (dtype === 'bfloat16' && SUMS.has(operator)) return undefined;
  return WIDER[dtype]?.find((wider) => hasKernel(operator, wider));
}
