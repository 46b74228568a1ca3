/** Diagonals and bands of matrices. */
import type { GraphNode } from '../../graph/graph.js';
import { asScalar, joined, positions, shapeOf, sizeOf, unsqueezed } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, inputType, inputValues, knownNumbers } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

/** More than any matrix has rows. */
const ALL = 2 ** 31;

/** The number of diagonals to keep on one side; a negative one keeps all. */
function bandWidth(node: GraphNode, index: number, builder: OnnxBuilder, context: EmitContext): OnnxValue | undefined {
  const known = knownNumbers(node, index, context)?.[0];
  if (known !== undefined) return known < 0 ? undefined : builder.scalar('int64', known);
  const given = asScalar(builder, context.value(node.inputs[index]!), inputType(node, index));
  const isAll = builder.node('Less', [given, builder.scalar('int64', 0)]);
  return builder.node('Where', [isAll, builder.scalar('int64', ALL), given]);
}

const bandPart: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const below = bandWidth(node, 1, builder, context);
  const above = bandWidth(node, 2, builder, context);
  let value = context.value(node.inputs[0]!);
  if (above !== undefined) value = math.move('Trilu', value, [above], { upper: { int: 0 } });
  if (below === undefined) return [value];
  return [math.move('Trilu', value, [builder.node('Neg', [below])], { upper: { int: 1 } })];
};

/** The one diagonal that the node is about. */
function diagonalOf(node: GraphNode, index: number, context: EmitContext): number {
  if (!node.inputs[index] || !/V[23]$/.test(node.op)) return 0;
  const band = constantNumbers(node, index, 'k', context);
  if (band.some((k) => k !== band[0])) context.refuse(node, 'no ONNX operator for a band of diagonals');
  return band[0]!;
}

/** Where a matrix's diagonal `k` is. `rows` and `columns` are int64 scalars. */
function onDiagonal(builder: OnnxBuilder, rows: OnnxValue, columns: OnnxValue, k: number): OnnxValue {
  const down = unsqueezed(builder, positions(builder, rows), 1);
  const across = unsqueezed(builder, positions(builder, columns), 0);
  return builder.node('Equal', [builder.node('Add', [down, builder.scalar('int64', k)]), across]);
}

/** The diagonal beside the rows (below the main one: above the columns) that its elements belong to. */
function besideDiagonal(
  builder: OnnxBuilder,
  diagonal: OnnxValue,
  rows: OnnxValue,
  columns: OnnxValue,
  k: number,
): OnnxValue {
  const places = positions(builder, k >= 0 ? rows : columns);
  const last = builder.node('Sub', [sizeOf(builder, diagonal, -1), builder.scalar('int64', 1)]);
  const spread = builder.node('Gather', [diagonal, builder.node('Min', [places, last])], { axis: { int: -1 } });
  return unsqueezed(builder, spread, k >= 0 ? -1 : -2);
}

const matrixDiag: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const values = inputValues(node, context);
  const diagonal = values[0]!;
  const k = diagonalOf(node, 1, context);
  const square = builder.node('Add', [sizeOf(builder, diagonal, -1), builder.scalar('int64', Math.abs(k))]);
  const size = (index: number): OnnxValue => {
    if (!node.inputs[index]) return square;
    const given = asScalar(builder, values[index]!, inputType(node, index));
    const isFree = builder.node('Equal', [given, builder.scalar('int64', -1)]);
    return builder.node('Where', [isFree, square, given]);
  };
  const known = [2, 3].map((index) => (node.inputs[index] ? knownNumbers(node, index, context)?.[0] : -1));
  if (known.some((given) => given === undefined) || (known[0] === -1) !== (known[1] === -1)) {
    context.refuse(node, 'needs both num_rows and num_cols as constants, or neither');
  }
  const [rows, columns] = [size(2), size(3)];
  const beside = besideDiagonal(builder, diagonal, rows, columns, k);
  return [math.where(onDiagonal(builder, rows, columns, k), beside, values[4] ?? math.scalar(0))];
};

const setDiag: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [matrix, diagonal] = inputValues(node, context);
  const k = diagonalOf(node, 2, context);
  const [rows, columns] = [sizeOf(builder, matrix!, -2), sizeOf(builder, matrix!, -1)];
  const beside = besideDiagonal(builder, diagonal!, rows, columns, k);
  return [math.where(onDiagonal(builder, rows, columns, k), beside, matrix!)];
};

const diagPart: Emitter = (node, builder, context) => {
  const [matrix] = inputValues(node, context);
  const k = diagonalOf(node, 1, context);
  const [rows, columns] = [sizeOf(builder, matrix!, -2), sizeOf(builder, matrix!, -1)];
  const left = (size: OnnxValue, skipped: number): OnnxValue =>
    builder.node('Sub', [size, builder.scalar('int64', skipped)]);
  const count = builder.node('Min', [left(rows, Math.max(-k, 0)), left(columns, Math.max(k, 0))]);
  // In a row after the other, the next element of the diagonal is one row and one column further.
  const stride = builder.node('Add', [columns, builder.scalar('int64', 1)]);
  const first = k >= 0 ? builder.scalar('int64', k) : builder.node('Mul', [columns, builder.scalar('int64', -k)]);
  const places = builder.node('Add', [builder.node('Mul', [positions(builder, count), stride]), first]);
  const flat = builder.node(
    'Reshape',
    [
      matrix!,
      joined(
        builder,
        shapeOf(builder, matrix!, 0, -2),
        builder.node('Reshape', [builder.node('Mul', [rows, columns]), builder.int64s([1])]),
      ),
    ],
    { allowzero: { int: 1 } },
  );
  return [builder.node('Gather', [flat, places], { axis: { int: -1 } })];
};

export const diagonals: EmitterTable = {
  MatrixBandPart: bandPart,
  MatrixDiag: matrixDiag,
  MatrixDiagV2: matrixDiag,
  MatrixDiagV3: matrixDiag,
  MatrixSetDiag: setDiag,
  MatrixSetDiagV2: setDiag,
  MatrixSetDiagV3: setDiag,
  MatrixDiagPart: diagPart,
  MatrixDiagPartV2: diagPart,
  MatrixDiagPartV3: diagPart,
};
