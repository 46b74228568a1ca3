/** Shapes of operations that work on elements one by one. */
import { broadcastShapes, forAll, type ShapeFunction, type ShapeFunctions, sameAs } from './shape-function.js';

/** Operations of one tensor, whose results have its shape. Further inputs are scalars, vectors or of the same shape. */
const unary = [
  ...['Identity', 'IdentityN', 'StopGradient', 'PreventGradient', 'Snapshot', 'CheckNumerics', 'CheckNumericsV2'],
  ...['Neg', 'Abs', 'Sign', 'Square', 'Sqrt', 'Rsqrt', 'Reciprocal', 'Inv', 'Exp', 'Expm1', 'Log', 'Log1p', 'Invert'],
  ...['Sin', 'Cos', 'Tan', 'Sinh', 'Cosh', 'Tanh', 'Asin', 'Acos', 'Atan', 'Asinh', 'Acosh', 'Atanh', 'Erf', 'Erfc'],
  ...['Floor', 'Ceil', 'Round', 'Rint', 'Sigmoid', 'Relu', 'Relu6', 'LeakyRelu', 'Elu', 'Selu', 'Softplus', 'Softsign'],
  ...[
    'IsNan',
    'IsInf',
    'IsFinite',
    'LogicalNot',
    'ZerosLike',
    'OnesLike',
    'Softmax',
    'LogSoftmax',
    'Cumsum',
    'Cumprod',
  ],
  ...['Cast', 'Erfinv', 'ComplexAbs', 'Real', 'Imag', 'Conj', 'Angle', 'EnsureShape'],
  ...['FakeQuantWithMinMaxArgs', 'FakeQuantWithMinMaxVars', 'Bucketize'],
  ...['Dequantize', 'QuantizeAndDequantizeV2', 'QuantizeAndDequantizeV3', 'QuantizeAndDequantizeV4'],
  ...['_Gelu', '_HardSigmoid', '_HardSwish', '_Mish'],
  ...['StringLower', 'StringUpper', 'StringStrip', 'StringLength', 'Substr', 'AsString', 'StringToNumber'],
  ...['RegexReplace', 'StaticRegexReplace', 'RegexFullMatch', 'StaticRegexFullMatch', 'DecodeBase64', 'EncodeBase64'],
  ...['StringToHashBucket', 'StringToHashBucketFast', 'StringToHashBucketStrong', 'UnicodeTranscode', 'UnicodeScript'],
];

/** Operations of one tensor that keep its shape, but look at several elements for one. */
const scans = [
  ...['Softmax', 'LogSoftmax', 'Cumsum', 'Cumprod', 'CumulativeLogsumexp', 'ReverseV2', 'Reverse', 'ReverseSequence'],
  ...['Roll', 'BiasAdd', 'LRN', 'InvertPermutation', 'FakeQuantWithMinMaxVarsPerChannel', 'MatrixBandPart'],
  ...['MatrixSetDiag', 'MatrixSetDiagV2', 'MatrixSetDiagV3', 'MatrixInverse', 'BatchMatrixInverse', 'Cholesky'],
  ...['TensorScatterUpdate', 'TensorScatterAdd', 'TensorScatterSub', 'TensorScatterMax', 'TensorScatterMin'],
  ...['_LayerNormalization', 'RGBToHSV', 'HSVToRGB', 'AdjustContrastv2', 'AdjustHue', 'AdjustSaturation'],
];

/** Operations of several tensors that broadcast. */
const broadcasting = [
  ...['Add', 'AddV2', 'Sub', 'Mul', 'BiasAddV1', 'RealDiv', 'Div', 'DivNoNan', 'MulNoNan', 'Xdivy', 'Xlogy', 'Xlog1py'],
  ...['TruncateDiv', 'FloorDiv', 'FloorMod', 'Mod', 'TruncateMod', 'Pow', 'Maximum', 'Minimum', 'SquaredDifference'],
  ...['Atan2', 'Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual', 'ApproximateEqual', 'NextAfter'],
  ...['LogicalAnd', 'LogicalOr', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'LeftShift', 'RightShift', 'Complex'],
  ...['SelectV2', 'StringJoin', 'AddN', 'AccumulateNV2', 'ClipByValue', '_PRelu'],
];

const identities: ShapeFunction = (context) => context.node.outputs.map((_, i) => context.shape(i));

const broadcast: ShapeFunction = (context) => [
  broadcastShapes(
    context,
    Array.from({ length: context.inputCount }, (_, i) => context.shape(i)),
  ),
];

/** `Select` with a scalar or vector condition, and tensors of one shape. */
const select: ShapeFunction = (context) => [context.shape(1) ?? context.shape(2)];

/** Operations whose results depend on the elements at their place alone. */
export const elementwiseOperations: readonly string[] = [
  ...unary,
  ...broadcasting,
  'LookupTableFindV2',
  'LookupTableFind',
];

/** Shape functions of element-wise operations. */
export const elementwiseShapes: ShapeFunctions = {
  ...forAll([...unary, ...scans], (context) => [context.shape(0)]),
  ...forAll(broadcasting, broadcast),
  IdentityN: identities,
  Select: select,
  LookupTableFindV2: sameAs(0),
  LookupTableFind: sameAs(0),
};
