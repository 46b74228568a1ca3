/** Products of matrices, and their inverses. */

import { boolAttribute, textAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { joined, shapeOf } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { inputRank, inputShape, inputType, inputValues } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

const FLOATS: ReadonlySet<string> = new Set(['float', 'double', 'half', 'bfloat16']);

function matrixTransposed(
  node: GraphNode,
  index: number,
  value: OnnxValue,
  builder: OnnxBuilder,
  context: EmitContext,
): OnnxValue {
  const rank = inputRank(node, index, context);
  const perm = [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
  return builder.node('Transpose', [value], { perm: { ints: perm } });
}

const flag = (value: boolean): { int: number } => ({ int: value ? 1 : 0 });

/** ONNX multiplies vectors too, which TensorFlow refuses. */
function refuseVectors(node: GraphNode, context: EmitContext): void {
  for (const i of [0, 1]) {
    const rank = inputShape(node, i)?.length ?? 2;
    if (rank < 2) context.refuse(node, `needs matrices (input ${i} has rank ${rank})`);
  }
}

const matMul: Emitter = (node, builder, context) => {
  refuseVectors(node, context);
  const resultType = node.outputs[0]!.dtype;
  const math = new TypedMath(node, builder, context, resultType);
  const [a, b] = inputValues(node, context).map((value, i) => cast(builder, value, inputType(node, i), resultType));
  const isTransposed = (name: string, adjoint: string): boolean =>
    boolAttribute(node.attributes, name, false) || boolAttribute(node.attributes, adjoint, false);
  const [transA, transB] = [isTransposed('transpose_a', 'adj_x'), isTransposed('transpose_b', 'adj_y')];
  const isPlain = inputShape(node, 0)?.length === 2 && inputShape(node, 1)?.length === 2;
  if (isPlain && (transA || transB) && FLOATS.has(resultType) && resultType !== 'bfloat16') {
    return [math.apply('Gemm', [a!, b!], { transA: flag(transA), transB: flag(transB) })];
  }
  const left = transA ? matrixTransposed(node, 0, a!, builder, context) : a!;
  const right = transB ? matrixTransposed(node, 1, b!, builder, context) : b!;
  return [math.apply('MatMul', [left, right])];
};

const einsum: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  if (!FLOATS.has(math.dtype)) context.refuse(node, `no exact Einsum kernel for ${math.dtype} in ONNX Runtime`);
  return [
    math.apply('Einsum', inputValues(node, context), {
      equation: { string: textAttribute(node.attributes, 'equation') },
    }),
  ];
};

/**
 * The matrices, checked to be square: kernels read past the end of others. Sizes that are known are checked now, others in the run: a shape
 * that doesn't hold the elements ends it.
 */
function squareMatrices(node: GraphNode, builder: OnnxBuilder, context: EmitContext): OnnxValue {
  const value = context.value(node.inputs[0]!);
  inputRank(node, 0, context);
  const [rows = -1, columns = -1] = inputShape(node, 0)!.slice(-2);
  if (rows >= 0 && rows === columns) return value;
  if (rows >= 0 && columns >= 0) context.refuse(node, `needs square matrices (got ${rows} × ${columns})`);
  const square = joined(builder, shapeOf(builder, value, 0, -1), shapeOf(builder, value, -2, -1));
  return builder.node('Reshape', [value, square], { allowzero: { int: 1 } });
}

const inverse: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const value = squareMatrices(node, builder, context);
  const given = boolAttribute(node.attributes, 'adjoint', false)
    ? matrixTransposed(node, 0, value, builder, context)
    : value;
  const result = math.apply('Inverse', [given], {}, 'com.microsoft');
  const isOdd = math.or(math.test('IsNaN', [result]), math.test('IsInf', [result]));
  if (context.options.guards) builder.guard(allTrue(builder, math.not(isOdd)), 'Input is not invertible.');
  return [result];
};

const determinant: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  return [math.apply('Det', [squareMatrices(node, builder, context)])];
};

export const products: EmitterTable = {
  MatMul: matMul,
  BatchMatMul: matMul,
  BatchMatMulV2: matMul,
  BatchMatMulV3: matMul,
  Einsum: einsum,
  MatrixInverse: inverse,
  MatrixDeterminant: determinant,
};
