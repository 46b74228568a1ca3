/** Scales and offsets after a matrix product. */
import type { Tensor } from '@serving/core/tensor';
import { boolAttribute } from '../graph/attribute-readers.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { constantNode, newNode, valueNode } from '../graph/new-node.js';
import { scaledWeights } from './affine-chain.js';
import { type GraphView, keepsShape, numbersOf, shapeOf } from './graph-view.js';
import type { Rewriter } from './rewriter.js';

/** Larger weights stay in their file. */
const MAX_WEIGHTS = 16 * 2 ** 20;

const products = ['MatMul', 'BatchMatMulV2'];

const sums = ['BiasAdd', 'Add', 'AddV2'];

/** A product with constant weights, and the constant that is added to it. */
interface DenseLayer {
  readonly product: GraphNode;
  readonly offset: readonly number[] | undefined;
}

function denseLayer(value: Endpoint, view: GraphView): DenseLayer | undefined {
  const sum = view.inner(value, ...sums);
  if (sum === undefined) {
    const product = view.inner(value, ...products);
    return product && isDense(product) ? { product, offset: undefined } : undefined;
  }
  const product = view.inner(sum.inputs[0], ...products);
  const offset = product && isDense(product) ? vectorOf(sum.inputs[1]!, product) : undefined;
  return product && offset && { product, offset };
}

function isDense(product: GraphNode): boolean {
  const weights = product.inputs[1]!.node.constant;
  return (
    weights?.dtype === 'float' &&
    weights.shape.length === 2 &&
    weights.shape.reduce((count, size) => count * size, 1) <= MAX_WEIGHTS
  );
}

/** A constant with a number for each column, or one for all. */
function vectorOf(constant: Endpoint, product: GraphNode): readonly number[] | undefined {
  const value = { node: product, index: 0 };
  const width = shapeOf(value)?.at(-1);
  const numbers = keepsShape(constant, value) ? numbersOf(constant) : undefined;
  if (numbers === undefined || width === undefined || width < 0) return undefined;
  if (numbers.length === 1) return new Array<number>(width).fill(numbers[0]!);
  return numbers.length === width && constant.node.constant!.shape.at(-1) === width ? numbers : undefined;
}

/** `(x·W + b)·s` becomes `x·(W·s) + b·s`, and two constants that are added become one. */
export const foldDenseChain: Rewriter = (node, view) => {
  const isScale = node.op === 'Mul';
  if (!isScale && !sums.includes(node.op)) return undefined;
  for (const [value, constant] of node.op === 'BiasAdd' ? [node.inputs] : [node.inputs, node.inputs.toReversed()]) {
    const layer = denseLayer(value!, view);
    const numbers = layer && vectorOf(constant!, layer.product);
    if (layer === undefined || numbers === undefined || (!isScale && layer.offset === undefined)) continue;
    const { product, offset } = layer;
    if (!isScale)
      return [
        plus(
          node,
          product,
          offset!.map((each, i) => each + numbers[i]!),
        ),
      ];
    const scaled = scaledProduct(product, numbers);
    return [
      offset
        ? plus(
            node,
            scaled,
            offset.map((each, i) => each * numbers[i]!),
          )
        : { node: scaled, index: 0 },
    ];
  }
  return undefined;
};

function plus(end: GraphNode, product: GraphNode, offset: readonly number[]): Endpoint {
  const tensor: Tensor = { dtype: 'float', shape: [offset.length], data: Float32Array.from(offset) };
  const bias = { node: constantNode(`${end.name}/bias`, tensor), index: 0 };
  return { node: newNode('AddV2', end.name, [{ node: product, index: 0 }, bias], end.outputs), index: 0 };
}

function scaledProduct(product: GraphNode, scale: readonly number[]): GraphNode {
  const axes = isTransposed(product) ? [-2] : [-1];
  const weights = scaledWeights(product.inputs[1]!.node.constant!, Float64Array.from(scale), axes);
  const input = { node: valueNode(`${product.name}/weights`, weights), index: 0 };
  const result = newNode(product.op, product.name, [product.inputs[0]!, input], product.outputs);
  result.attributes = product.attributes;
  return result;
}

const isTransposed = ({ attributes }: GraphNode): boolean =>
  boolAttribute(attributes, 'transpose_b', false) || boolAttribute(attributes, 'adj_y', false);
