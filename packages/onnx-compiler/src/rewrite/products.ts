/** Contractions with constants as matrix products, and transpositions folded into products. */

import { permutedConstant } from '../emit/convolution/permuted-constant.js';
import { boolAttribute, textAttribute } from '../graph/attribute-readers.js';
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { constantNode, newNode, valueNode } from '../graph/new-node.js';
import { readEinsum } from '../shapes/linear-shapes.js';
import { bothOrders, numbersOf, producer, shapeOf, typeOf } from './graph-view.js';
import type { Rewriter } from './rewriter.js';

const bool = (value: boolean): AttributeValue => ({ kind: 'bool', value });
const integers = (values: readonly number[]): AttributeValue => ({
  kind: 'list',
  value: values.map((value) => ({ kind: 'int', value: BigInt(value) })),
});

const product = (sizes: readonly number[]): number => sizes.reduce((count, size) => count * size, 1);

/** A `_Reshape`: 0 copies a size of the input, and −1 follows from the others. */
function reshaped(name: string, from: Endpoint, sizes: readonly number[], shape: readonly number[]): Endpoint {
  const { dtype } = from.node.outputs[from.index]!;
  return { node: newNode('_Reshape', name, [from], [{ dtype, shape }], { shape: integers(sizes) }), index: 0 };
}

const ints32 = (name: string, values: readonly number[]): Endpoint => ({
  node: constantNode(name, { dtype: 'int32', shape: [values.length], data: Int32Array.from(values) }),
  index: 0,
});

function transposed(name: string, from: Endpoint, order: readonly number[]): Endpoint {
  const { dtype } = from.node.outputs[from.index]!;
  const shape = order.map((axis) => shapeOf(from)?.[axis] ?? -1);
  return { node: newNode('Transpose', name, [from, ints32(`${name}/order`, order)], [{ dtype, shape }]), index: 0 };
}

function multiplied(name: string, a: Endpoint, b: Endpoint, shape: readonly number[]): Endpoint {
  const { dtype } = a.node.outputs[a.index]!;
  const attributes = { adj_x: bool(false), adj_y: bool(false) };
  return { node: newNode('BatchMatMulV2', name, [a, b], [{ dtype, shape }], attributes), index: 0 };
}

/** `Einsum` of a tensor with constant weights that contracts the tensor's last dimensions. */
const einsumWithConstant: Rewriter = (node) => {
  if (node.op !== 'Einsum' || node.inputs.length !== 2) return undefined;
  const equation = readEinsum(textAttribute(node.attributes, 'equation'));
  const side = node.inputs.findIndex((input) => input.node.constant !== undefined);
  if (equation === undefined || side < 0) return undefined;
  const [x, weights] = [node.inputs[1 - side]!, node.inputs[side]!.node.constant!];
  const [left, right] = [equation.operands[1 - side]!, equation.operands[side]!];
  const labels = [...left, ...right];
  if (labels.includes('…') || new Set(left).size !== left.length || new Set(right).size !== right.length)
    return undefined;
  const contracted = left.filter((label) => right.includes(label));
  const kept = left.slice(0, left.length - contracted.length);
  const added = right.filter((label) => !left.includes(label));
  const isTrailing = contracted.length > 0 && contracted.every((label, i) => left[kept.length + i] === label);
  if (!isTrailing || contracted.some((label) => equation.result.includes(label))) return undefined;
  const whole = [...kept, ...added];
  const order = equation.result.map((label) => whole.indexOf(label));
  if (order.length !== whole.length || order.includes(-1) || !['float', 'double'].includes(typeOf(x))) return undefined;
  const size = (label: string): number => weights.shape[right.indexOf(label)]!;
  const [depth, width] = [product(contracted.map(size)), product(added.map(size))];
  const matrix = permutedConstant(
    weights,
    [...contracted, ...added].map((label) => right.indexOf(label)),
    [depth, width],
  );
  const leading = shapeOf(x)?.slice(0, kept.length) ?? kept.map(() => -1);
  const copied = kept.map(() => 0);
  const flat = contracted.length === 1 ? x : reshaped(`${node.name}/flat`, x, [...copied, depth], [...leading, depth]);
  const weightsEnd = { node: valueNode(`${node.name}/weights`, matrix), index: 0 };
  const columns = multiplied(node.name, flat, weightsEnd, [...leading, width]);
  const sizes = added.map(size);
  const split =
    added.length === 1
      ? columns
      : reshaped(`${node.name}/split`, columns, [...copied, ...sizes], [...leading, ...sizes]);
  return [order.every((axis, i) => axis === i) ? split : transposed(`${node.name}/turned`, split, order)];
};

/** `Einsum` of two tensors with one dimension each of rows, columns and sums. */
const einsumAsProduct: Rewriter = (node) => {
  if (node.op !== 'Einsum' || node.inputs.length !== 2 || !['float', 'double'].includes(typeOf(node.inputs[0]!)))
    return undefined;
  const equation = readEinsum(textAttribute(node.attributes, 'equation'));
  const [a, b] = equation?.operands ?? [];
  if (!equation || !a || !b || [...a, ...b].includes('…')) return undefined;
  if (new Set(a).size !== a.length || new Set(b).size !== b.length) return undefined;
  const { result } = equation;
  const shared = result.filter((label) => a.includes(label) && b.includes(label));
  const sums = a.filter((label) => b.includes(label) && !result.includes(label));
  const [rows, columns] = [a.filter((label) => !b.includes(label)), b.filter((label) => !a.includes(label))];
  if (sums.length !== 1 || rows.length !== 1 || columns.length !== 1) return undefined;
  if (result.length !== shared.length + 2 || !result.includes(rows[0]!) || !result.includes(columns[0]!))
    return undefined;
  const size = (label: string): number =>
    shapeOf(node.inputs[a.includes(label) ? 0 : 1]!)?.[(a.includes(label) ? a : b).indexOf(label)] ?? -1;
  const turned = (input: number, from: readonly string[], to: readonly string[]): Endpoint => {
    const order = to.map((label) => from.indexOf(label));
    return order.every((axis, i) => axis === i)
      ? node.inputs[input]!
      : transposed(`${node.name}/${input}`, node.inputs[input]!, order);
  };
  // The order of rows and columns that the result has is written without a transposition after it.
  const isTurned = result.indexOf(columns[0]!) < result.indexOf(rows[0]!);
  const [first, second] = isTurned ? [1, 0] : [0, 1];
  const [own, other] = isTurned ? [columns, rows] : [rows, columns];
  const x = turned(first, isTurned ? b : a, [...shared, ...own, ...sums]);
  const y = turned(second, isTurned ? a : b, [...shared, ...sums, ...other]);
  const whole = [...shared, ...own, ...other];
  const product = multiplied(node.name, x, y, whole.map(size));
  const order = result.map((label) => whole.indexOf(label));
  return [order.every((axis, i) => axis === i) ? product : transposed(`${node.name}/turned`, product, order)];
};

const batched = ['BatchMatMulV2', 'BatchMatMul', 'BatchMatMulV3'];

/** `Transpose(Transpose(x))` as one, or none. */
const foldTransposes: Rewriter = (node) => {
  if (node.op !== 'Transpose') return undefined;
  const order = numbersOf(node.inputs[1]);
  if (order === undefined) return undefined;
  if (order.every((axis, i) => axis === i)) return [node.inputs[0]!];
  const inner = producer(node.inputs[0], 'Transpose');
  const before = inner && numbersOf(inner.inputs[1]);
  if (inner === undefined || before?.length !== order.length) return undefined;
  return [
    transposed(
      node.name,
      inner.inputs[0]!,
      order.map((axis) => before[axis]!),
    ),
  ];
};

/** Whether an order swaps the last two dimensions alone. */
function isSwap(order: readonly number[] | undefined): boolean {
  const rank = order?.length ?? 0;
  return rank >= 2 && order!.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
}

/** A transposition after a product, or of an operand, becomes an order of its operands. */
const foldTransposedProduct: Rewriter = (node, view) => {
  if (node.op === 'Transpose' && isSwap(numbersOf(node.inputs[1]))) {
    const inner = view.inner(node.inputs[0], ...batched);
    const [a, b] = inner?.inputs ?? [];
    if (inner === undefined || !a || !b || shapeOf(a)?.length !== shapeOf(b)?.length) return undefined;
    return [adjoint(node, inner, b, a, !isAdjoint(inner, 'adj_y'), !isAdjoint(inner, 'adj_x'))];
  }
  if (!batched.includes(node.op)) return undefined;
  const [a, b] = node.inputs as [Endpoint, Endpoint];
  for (const [i, name] of (['adj_x', 'adj_y'] as const).entries()) {
    const operand = node.inputs[i]!;
    const rank = shapeOf(operand)?.length;
    if (!isAdjoint(node, name) || rank === undefined || operand.node.op !== 'Transpose') continue;
    // The order of the transposition in front of it takes the swap up.
    const swap = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
    const turned = transposed(`${node.name}/operand_${i}`, operand, swap);
    return [
      adjoint(
        node,
        node,
        i === 0 ? turned : a,
        i === 1 ? turned : b,
        i === 1 && isAdjoint(node, 'adj_x'),
        i === 0 && isAdjoint(node, 'adj_y'),
      ),
    ];
  }
  return undefined;
};

const isAdjoint = ({ attributes }: GraphNode, name: 'adj_x' | 'adj_y'): boolean =>
  boolAttribute(attributes, name, false);

function adjoint(end: GraphNode, like: GraphNode, a: Endpoint, b: Endpoint, x: boolean, y: boolean): Endpoint {
  const node = newNode(like.op, end.name, [a, b], end.outputs);
  node.attributes = new Map([...like.attributes, ['adj_x', bool(x)], ['adj_y', bool(y)]]);
  return { node, index: 0 };
}

/**
 * `Reshape(x·W) + b` with a constant for each column, where the reshape splits columns or rows: the sum moves in front, where it is part
 * of the product.
 */
const constantBeforeSplit: Rewriter = (node, view) => {
  const isBias = node.op === 'BiasAdd' && textAttribute(node.attributes, 'data_format', 'NHWC') === 'NHWC';
  if (!['AddV2', 'Add', 'Mul'].includes(node.op) && !isBias) return undefined;
  for (const [value, constant] of isBias ? [node.inputs as [Endpoint, Endpoint]] : bothOrders(node)) {
    const split = view.inner(value, '_Reshape', 'Reshape');
    const columns = split && view.inner(split.inputs[0], ...batched, 'MatMul', 'AddV2');
    const own = constant.node.constant;
    if (split === undefined || columns === undefined || own === undefined) continue;
    const [from, to] = [shapeOf(split.inputs[0]!), shapeOf(value)];
    const added = to && splitOf(from?.at(-1), to);
    if (from === undefined || to === undefined || added === undefined) continue;
    const isScalar = own.shape.length <= to.length && own.shape.every((size) => size === 1);
    const parts = own.shape.slice(Math.max(own.shape.length - added.length, 0));
    const isWhole =
      String(parts) === String(added) && product(own.shape) === product(added) && own.shape.length <= to.length;
    if (!isScalar && !isWhole) continue;
    const flat = { ...own, shape: isScalar ? [] : [product(added)] };
    const tensor = () => ({ ...own.tensor(), shape: flat.shape });
    const input = { node: valueNode(constant.node.name, { ...flat, tensor }), index: 0 };
    const moved = newNode(
      isBias ? 'AddV2' : node.op,
      node.name,
      [split.inputs[0]!, input],
      [{ dtype: node.outputs[0]!.dtype, shape: from }],
    );
    const result = newNode(split.op, split.name, [{ node: moved, index: 0 }, ...split.inputs.slice(1)], node.outputs);
    result.attributes = split.attributes;
    return [{ node: result, index: 0 }];
  }
  return undefined;
};

/** The last sizes of a shape that make up a number of columns. */
function splitOf(columns: number | undefined, shape: readonly number[]): readonly number[] | undefined {
  for (let length = 1; length <= shape.length; length++) {
    const sizes = shape.slice(-length);
    if (sizes.some((size) => size < 0)) return undefined;
    if (product(sizes) === columns) return sizes;
  }
  return undefined;
}

/** Rewriters of matrix products. */
export const productRewriters: readonly Rewriter[] = [
  einsumWithConstant,
  einsumAsProduct,
  foldTransposedProduct,
  foldTransposes,
  constantBeforeSplit,
];
