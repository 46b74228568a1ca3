/** What an operation must be given so that its output is as required, for those whose shapes are plain to see. */
import type { GraphNode } from '@serving/protos/saved-model';
import type { ShapeOfInput, SlotRequirements } from './guarded-operations.js';
import { ofRank, type ShapeRequirement } from './shape-requirement.js';
import { convolutionWindows, poolWindows, smallestInput } from './windows.js';

/** What is known of a node's inputs. */
export interface NodeInputs {
  readonly shapeOf: ShapeOfInput;
  /** The values of a constant input. */
  readonly constantAt: (slot: number) => readonly number[] | undefined;
}

type Pass = (node: GraphNode, required: ShapeRequirement, inputs: NodeInputs) => SlotRequirements;

/** The output has the first input's shape. */
const sameShape: Pass = (_, required) => [[0, required]];

/** Element by element, with broadcasting. */
const elementwise: Pass = (_, required, { shapeOf }) => {
  const [a, b] = [shapeOf(0), shapeOf(1)];
  const alike = a !== undefined && b !== undefined && String(a) === String(b);
  return [
    [0, alike ? required : besideOther(required, b)],
    [1, alike ? required : besideOther(required, a)],
  ];
};

/** What is left for one operand to do beside another of this shape. */
function besideOther(required: ShapeRequirement, other: readonly number[] | undefined): ShapeRequirement {
  const { minRank, maxRank, minSizes } = required;
  const otherRank = other?.length ?? maxRank;
  const reached = otherRank >= minRank;
  if (reached || other === undefined) return { minRank: reached ? 0 : minRank, maxRank };
  // Aligned at the end; the other one makes nothing larger where it has one element or no dimension.
  const offset = minRank - otherRank;
  const sizes = minSizes?.map((size, i) => (i < offset || other[i - offset] === 1 ? size : 0));
  return minRank === maxRank ? ofRank(minRank, sizes) : { minRank, maxRank };
}

const convolution =
  (rank: number): Pass =>
  (node, { minSizes }, { shapeOf }) => {
    if (minSizes?.length !== rank) return [];
    const channel = node.strings.get('data_format')?.startsWith('NC') ? 1 : rank - 1;
    const outputs = minSizes.map((size, i) => (i === channel ? 0 : size));
    return [[0, ofRank(rank, smallestInput(convolutionWindows(node, rank, shapeOf(1)), outputs))]];
  };

const pooling =
  (rank: number): Pass =>
  (node, { minSizes }) =>
    minSizes?.length === rank ? [[0, ofRank(rank, smallestInput(poolWindows(node, rank), minSizes))]] : [];

const pad: Pass = (_, { minRank, maxRank, minSizes }, { constantAt }) => {
  if (minRank !== maxRank) return [[0, { minRank, maxRank }]];
  const paddings = constantAt(1);
  const sizes =
    paddings?.length === 2 * minRank
      ? minSizes?.map((size, i) => Math.max(size - paddings[2 * i]! - paddings[2 * i + 1]!, 0))
      : undefined;
  return [[0, ofRank(minRank, sizes)]];
};

const transpose: Pass = (_, { minRank, maxRank, minSizes }, { constantAt }) => {
  if (minRank !== maxRank) return [[0, { minRank, maxRank }]];
  const order = constantAt(1);
  if (minSizes === undefined || order?.length !== minRank) return [[0, ofRank(minRank)]];
  const sizes = new Array<number>(minRank).fill(0);
  for (const [to, from] of order.entries()) sizes[from < 0 ? from + minRank : from] = minSizes[to]!;
  return [[0, ofRank(minRank, sizes)]];
};

const expandDims: Pass = (_, { minRank, maxRank, minSizes, isNonEmpty }, { constantAt }) => {
  const axis = constantAt(1)?.[0];
  const rank = { minRank: Math.max(minRank - 1, 0), maxRank: Math.max(maxRank - 1, 0) };
  const nonEmpty = isNonEmpty && { isNonEmpty };
  if (minSizes === undefined || axis === undefined) return [[0, { ...rank, ...nonEmpty }]];
  const at = axis < 0 ? axis + minRank : axis;
  return [[0, { ...rank, minSizes: minSizes.filter((_size, i) => i !== at), ...nonEmpty }]];
};

const squeeze: Pass = (node, { minRank, maxRank, minSizes, isNonEmpty }) => {
  const axes = node.integers.get('squeeze_dims');
  // Without them it is the sizes that decide.
  if (axes === undefined || minRank !== maxRank) return [];
  const rank = minRank + axes.length;
  const removed = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
  let next = 0;
  const sizes = minSizes && Array.from({ length: rank }, (_, i) => (removed.has(i) ? 0 : (minSizes[next++] ?? 0)));
  return [[0, { ...ofRank(rank, sizes), ...(isNonEmpty && { isNonEmpty }) }]];
};

const concat: Pass = ({ inputs }, { minRank, maxRank, minSizes }, { constantAt }) => {
  const last = inputs.filter((input) => !input.startsWith('^')).length - 1;
  const axis = constantAt(last)?.[0];
  const at = axis !== undefined && axis < 0 ? axis + minRank : axis;
  const sizes = at === undefined ? undefined : minSizes?.map((size, i) => (i === at ? 0 : size));
  const passed = minRank === maxRank ? ofRank(minRank, sizes) : { minRank, maxRank };
  return Array.from({ length: last }, (_, slot) => [slot, passed] as const);
};

const sameShapeOps =
  'Identity Snapshot StopGradient PreventGradient CheckNumerics CheckNumericsV2 EnsureShape PlaceholderWithDefault Cast BiasAdd ' +
  'Abs Neg Sign Square Sqrt Rsqrt Exp Expm1 Log Log1p Sin Cos Tan Tanh Sigmoid Erf Erfc Floor Ceil Round Rint Reciprocal Inv LogicalNot ' +
  'Relu Relu6 LeakyRelu Elu Selu Softplus Softsign Softmax LogSoftmax ClipByValue LRN FusedBatchNorm FusedBatchNormV2 ' +
  'FusedBatchNormV3 FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel QuantizeAndDequantizeV2 ' +
  'QuantizeAndDequantizeV3 QuantizeAndDequantizeV4 QuantizeV2 Dequantize AdjustContrastv2 AdjustHue AdjustSaturation ReverseV2';
const elementwiseOps =
  'Add AddV2 Sub Mul MulNoNan Div DivNoNan RealDiv FloorDiv TruncateDiv Maximum Minimum Pow SquaredDifference FloorMod Atan2';

const passes: ReadonlyMap<string, Pass> = new Map<string, Pass>([
  ...sameShapeOps.split(' ').map((op) => [op, sameShape] as const),
  ...elementwiseOps.split(' ').map((op) => [op, elementwise] as const),
  ['Conv2D', convolution(4)],
  ['Conv3D', convolution(5)],
  ['DepthwiseConv2dNative', convolution(4)],
  ['MaxPool', pooling(4)],
  ['AvgPool', pooling(4)],
  ['MaxPool3D', pooling(5)],
  ['AvgPool3D', pooling(5)],
  ['Pad', pad],
  ['PadV2', pad],
  ['MirrorPad', pad],
  ['Transpose', transpose],
  ['ExpandDims', expandDims],
  ['Squeeze', squeeze],
  ['ConcatV2', concat],
]);

/** Returns what the inputs of a node must be like for its first output to be as required; nothing where that is unknown. */
export function passedRequirements(node: GraphNode, required: ShapeRequirement, inputs: NodeInputs): SlotRequirements {
  return passes.get(node.op)?.(node, required, inputs) ?? [];
}
