/** Rules of operations that keep the rows of a batch apart. Every other operation mixes them. */
import { boolAttribute, intAttribute, intsAttribute, textAttribute } from '../../graph/attribute-readers.js';
import { elementwiseOperations } from '../elementwise-shapes.js';
import { readEinsum } from '../linear-shapes.js';
import { positiveAxis } from '../shape-function.js';
import { readSliceEntries } from '../strided-slice.js';
import { imageLayout } from '../window-shapes.js';
import {
  axisAfterReshape,
  broadcastRows,
  isAxis,
  type RowContext,
  type RowRule,
  type RowRules,
  type RowState,
} from './row-state.js';

const rulesFor = (ops: readonly string[], rule: RowRule): RowRules => Object.fromEntries(ops.map((op) => [op, rule]));

/** The first input's axis; the other inputs must be the same for every row, or sizes. */
const leading = ({ states: [first, ...others] }: RowContext): RowState =>
  others.some((state) => isAxis(state) || state === 'mixed') ? 'mixed' : (first ?? 'mixed');

const leadingUnless =
  (isMixed: (context: RowContext, axis: number, rank: number) => boolean): RowRule =>
  (context) => {
    const axis = leading(context);
    const rank = context.shape(0)?.length;
    return !isAxis(axis) || rank === undefined || isMixed(context, axis, rank) ? 'mixed' : axis;
  };

const isAmong = (axes: readonly number[] | undefined, axis: number, rank: number): boolean =>
  axes === undefined || axes.some((each) => positiveAxis(each, rank) === axis);

const elementwise: RowRule = (context) => broadcastRows(context, [...context.states.keys()]);

const reduction: RowRule = (context) => {
  const axis = leading(context);
  const [rank, axes] = [context.shape(0)?.length, context.numbers(1)];
  if (!isAxis(axis) || rank === undefined || axes === undefined || isAmong(axes, axis, rank)) return 'mixed';
  if (boolAttribute(context.node.attributes, 'keep_dims', false)) return axis;
  return axis - new Set(axes.map((each) => positiveAxis(each, rank)!).filter((each) => each < axis)).size;
};

const reshape: RowRule = (context) => {
  const axis = leading(context);
  return isAxis(axis) ? axisAfterReshape(context.shape(0), axis, context.result(), context.batch) : 'mixed';
};

const transpose: RowRule = (context) => {
  const [axis, order] = [leading(context), context.numbers(1)];
  if (!isAxis(axis) || order === undefined) return 'mixed';
  const at = order.indexOf(axis);
  return at < 0 ? 'mixed' : at;
};

const joined = (context: RowContext, values: readonly number[], axis: number | undefined): RowState => {
  const axes = values.map((input) => context.states[input]);
  const [first] = axes;
  return axis === undefined || !isAxis(first) || axes.some((each) => each !== first) || first === axis
    ? 'mixed'
    : first;
};

const concat: RowRule = (context) => {
  const isV2 = context.node.op === 'ConcatV2';
  const rank = context.result()?.length ?? 0;
  const axis = positiveAxis(context.numbers(isV2 ? -1 : 0)?.[0], rank);
  const inputs = [...context.states.keys()];
  return joined(context, isV2 ? inputs.slice(0, -1) : inputs.slice(1), axis);
};

const pack: RowRule = (context) => {
  const axis = positiveAxis(intAttribute(context.node.attributes, 'axis', 0), context.result()?.length ?? 0);
  const rows = joined(context, [...context.states.keys()], -1);
  return axis === undefined || !isAxis(rows) ? 'mixed' : rows >= axis ? rows + 1 : rows;
};

const unpack: RowRule = (context) => {
  const [rows, rank] = [leading(context), context.shape(0)?.length ?? 0];
  const axis = positiveAxis(intAttribute(context.node.attributes, 'axis', 0), rank);
  return axis === undefined || !isAxis(rows) || rows === axis ? 'mixed' : rows > axis ? rows - 1 : rows;
};

const split: RowRule = (context) => {
  const [value, axis] = context.node.op === 'Split' ? [1, 0] : [0, 2];
  const rows = context.states[value]!;
  const at = positiveAxis(context.numbers(axis)?.[0], context.shape(value)?.length ?? 0);
  return at === undefined || rows === at ? 'mixed' : rows;
};

const slice: RowRule = leadingUnless((context, axis) => {
  const [begin, size] = [context.vector(1)?.[axis], context.vector(2)?.[axis]];
  return begin !== 0 || size !== -1;
});

const stridedSlice: RowRule = (context) => {
  const rows = leading(context);
  const count = context.shape(1)?.[0];
  if (!isAxis(rows) || typeof count !== 'number') return 'mixed';
  const entries = readSliceEntries(context.node, count, context.shape(0)?.length);
  let position = 0;
  for (const entry of entries ?? []) {
    if (entry.kind !== 'new' && entry.dimension === rows) {
      if (entry.kind === 'whole') return position;
      if (entry.kind === 'index' || !entry.isEndOpen || context.vector(3)?.[entry.entry] !== 1) return 'mixed';
      return entry.isBeginOpen || context.vector(1)?.[entry.entry] === 0 ? position : 'mixed';
    }
    if (entry.kind !== 'index') position++;
  }
  return 'mixed';
};

const pad: RowRule = leadingUnless((context, axis) => {
  const widths = context.numbers(1);
  return widths?.[2 * axis] !== 0 || widths[2 * axis + 1] !== 0;
});

const gather: RowRule = (context) => {
  const { attributes, op } = context.node;
  const [params, ids] = context.states;
  const axis = op === 'Gather' ? 0 : positiveAxis(context.numbers(2)?.[0], context.shape(0)?.length ?? 0);
  const shared = op === 'Gather' ? 0 : intAttribute(attributes, 'batch_dims', 0);
  const rank = context.shape(1)?.length;
  if (axis === undefined || rank === undefined || shared < 0) return 'mixed';
  if (isAxis(params) && isAxis(ids)) return params === ids && params < shared ? params : 'mixed';
  if (params === 'shared' && isAxis(ids)) return ids >= shared ? axis + ids - shared : 'mixed';
  if (!isAxis(params) || ids !== 'shared' || params === axis || shared > 0) return 'mixed';
  return params < axis ? params : params + rank - 1;
};

const gatherNd: RowRule = (context) => {
  const [params, ids] = context.states;
  const rank = context.shape(1)?.length ?? 0;
  return params === 'shared' && isAxis(ids) && ids < rank - 1 ? ids : 'mixed';
};

const oneHot: RowRule = (context) => {
  const rows = leading(context);
  const at = intAttribute(context.node.attributes, 'axis', -1);
  return isAxis(rows) && at >= 0 && rows >= at ? rows + 1 : rows;
};

const matMul: RowRule = (context) => {
  const { attributes } = context.node;
  const [a, b] = [context.states[0]!, context.states[1]!];
  const [left, right, rank] = [context.shape(0)?.length, context.shape(1)?.length, context.result()?.length];
  if (left === undefined || right === undefined || rank === undefined) return 'mixed';
  const isTransposed = boolAttribute(attributes, 'transpose_a', false) || boolAttribute(attributes, 'adj_x', false);
  if (isAxis(a) && b === 'shared' && a === left - 2 && !isTransposed && right === 2) return rank - 2;
  const isBatch = (state: RowState, own: number) => state === 'shared' || (isAxis(state) && state < own - 2);
  if (!isBatch(a, left) || !isBatch(b, right)) return 'mixed';
  const axes = [isAxis(a) ? a + rank - left : undefined, isAxis(b) ? b + rank - right : undefined];
  const [first, ...others] = axes.filter((axis) => axis !== undefined);
  const isWhole = axes.every((axis, i) => axis !== undefined || context.states[i] === 'shared');
  return first === undefined || others.some((axis) => axis !== first) || !isWhole ? 'mixed' : first;
};

const einsum: RowRule = (context) => {
  const equation = readEinsum(textAttribute(context.node.attributes, 'equation'));
  if (equation === undefined || equation.result.includes('…')) return 'mixed';
  const labels = context.states.map((state, i) => (isAxis(state) ? equation.operands[i]?.[state] : state));
  const own = new Set(labels.filter((label) => label !== 'shared'));
  const [label] = own;
  if (own.size !== 1 || label === undefined || equation.operands.flat().includes('…')) return 'mixed';
  const isElsewhere = equation.operands.some((each, i) => context.states[i] === 'shared' && each.includes(label));
  const at = equation.result.indexOf(label);
  return at < 0 || isElsewhere ? 'mixed' : at;
};

/** Operations on images: rows are the first dimension. */
const images: RowRule = (context) => (leading(context) === 0 ? 0 : 'mixed');

const convolutionInput: RowRule = (context) => {
  const [sizes, filter, value] = context.states;
  return value === 0 && filter === 'shared' && sizes !== 'mixed' ? 0 : 'mixed';
};

const biasAdd: RowRule = leadingUnless((context, axis, rank) => axis === imageLayout(context, rank).channel);

const parse: RowRule = ({ node, states }) => {
  const sparse = 3 * intAttribute(node.attributes, 'num_sparse', 0);
  const dense = intsOf(node.attributes.get('Tdense'));
  return node.outputs.map((_, i) => (states[0] === 0 && i >= sparse && i < sparse + dense ? 0 : 'mixed'));
};

const intsOf = (list: ReturnType<RowContext['node']['attributes']['get']>): number =>
  list?.kind === 'list' ? list.value.length : 0;

const broadcastTo: RowRule = (context) => {
  const rows = leading(context);
  const [from, to] = [context.shape(0), context.result()];
  return isAxis(rows) && from && to ? rows + to.length - from.length : 'mixed';
};

/** Rules by operation. */
export const rowRules: RowRules = {
  ...rulesFor(elementwiseOperations, elementwise),
  Select: (context) =>
    context.states[0] === 0 && context.states[1] === 0 && context.states[2] === 0
      ? 0
      : broadcastRows(context, [0, 1, 2]),
  ...rulesFor(
    ['Sum', 'Prod', 'Mean', 'Max', 'Min', 'EuclideanNorm', 'All', 'Any', 'ArgMax', 'ArgMin', 'ReduceJoin'],
    reduction,
  ),
  ...rulesFor(
    ['Softmax', 'LogSoftmax', 'TopK', 'TopKV2'],
    leadingUnless((_, axis, rank) => axis === rank - 1),
  ),
  _LayerNormalization: leadingUnless(({ node }, axis) => axis >= intAttribute(node.attributes, 'axis')),
  MatrixBandPart: leadingUnless((_, axis, rank) => axis >= rank - 2),
  ...rulesFor(['Cumsum', 'Cumprod', 'CumulativeLogsumexp', 'ReverseV2'], (context) => {
    const rows = leading(context);
    return isAxis(rows) && !isAmong(context.numbers(1), rows, context.shape(0)?.length ?? 0) ? rows : 'mixed';
  }),
  Roll: leadingUnless((context, axis, rank) => isAmong(context.numbers(2), axis, rank)),
  ReverseSequence: ({ node, states }) => {
    const isRows = states[0] === intAttribute(node.attributes, 'batch_dim', 0);
    return isRows && (states[1] === 0 || states[1] === 'shared') ? states[0]! : 'mixed';
  },
  ...rulesFor(['Reshape', '_Reshape', 'Squeeze', 'ExpandDims'], reshape),
  ...rulesFor(['Transpose', 'ConjugateTranspose'], transpose),
  ...rulesFor(['ConcatV2', 'Concat'], concat),
  Pack: pack,
  Unpack: unpack,
  ...rulesFor(['Split', 'SplitV'], split),
  Slice: slice,
  StridedSlice: stridedSlice,
  ...rulesFor(['Pad', 'PadV2', 'MirrorPad'], pad),
  Tile: leadingUnless((context, axis) => context.vector(1)?.[axis] !== 1),
  BroadcastTo: broadcastTo,
  ...rulesFor(['GatherV2', 'Gather'], gather),
  GatherNd: gatherNd,
  OneHot: oneHot,
  ...rulesFor(['MatMul', 'BatchMatMul', 'BatchMatMulV2', 'BatchMatMulV3'], matMul),
  Einsum: einsum,
  BiasAdd: biasAdd,
  ...rulesFor(
    ['Conv2D', 'Conv3D', '_FusedConv2D', 'DepthwiseConv2dNative', 'LRN', 'SpaceToDepth', 'DepthToSpace'],
    images,
  ),
  ...rulesFor(['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3', '_FusedBatchNormEx'], (context) =>
    boolAttribute(context.node.attributes, 'is_training', true) ? 'mixed' : images(context),
  ),
  ...rulesFor(['MaxPool', 'MaxPool3D', 'AvgPool', 'AvgPool3D'], (context) =>
    intsAttribute(context.node.attributes, 'ksize', [])[0] === 1 ? images(context) : 'mixed',
  ),
  Bitcast: (context) => (leading(context) === 0 && (context.result()?.length ?? 0) > 0 ? 0 : 'mixed'),
  MaxPoolWithArgmax: (context) =>
    boolAttribute(context.node.attributes, 'include_batch_in_index', false) ? 'mixed' : images(context),
  ...rulesFor(['Conv2DBackpropInput', 'Conv2DBackpropInputV2', 'Conv3DBackpropInputV2'], convolutionInput),
  ...rulesFor(['ResizeBilinear', 'ResizeNearestNeighbor', 'ResizeBicubic', 'ResizeArea', 'ScaleAndTranslate'], images),
  ...rulesFor(['RGBToHSV', 'HSVToRGB', 'ExtractImagePatches'], images),
  AdjustContrastv2: leadingUnless((_, axis, rank) => axis >= rank - 3),
  CombinedNonMaxSuppression: ({ states }) => (states[0] === 0 && states[1] === 0 ? 0 : 'mixed'),
  ParseExampleV2: parse,
  _Recurrent: ({ node, states: [sequence, , , , ...others] }) => {
    const initial = others.slice(0, node.outputs.length - 1);
    const isApart = initial.every((state) => state === 0) && others.slice(initial.length).every((mask) => mask === 1);
    return node.outputs.map((_, i) => (sequence === 1 && isApart ? (i === 0 ? 1 : 0) : 'mixed'));
  },
  _ScanResult: leadingUnless((_, axis) => axis === 0),
};
