/** Layer normalisation that is written as several operations. */
import type { Tensor } from '@serving/core/tensor';
import { boolAttribute, floatAttribute, intAttribute } from '../graph/attribute-readers.js';
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { constantNode, newNode } from '../graph/new-node.js';
import { bothOrders, numbersOf, producer, sameEndpoint, shapeOf, typeOf, uniformOf } from './graph-view.js';
import type { Rewriter } from './rewriter.js';

/** `Rsqrt(variance + ε)` of a tensor over its last dimensions. */
interface Deviation {
  readonly x: Endpoint;
  readonly mean: Endpoint;
  readonly axis: number;
  readonly epsilon: number;
}

/** The first of the trailing dimensions that an operation reduces, keeping them with size 1. */
function trailingAxis(node: GraphNode, rank: number | undefined): number | undefined {
  const axes = numbersOf(node.inputs[1])?.map((axis) => (axis < 0 ? axis + (rank ?? 0) : axis));
  if (axes === undefined || rank === undefined || axes.length === 0) return undefined;
  if (!boolAttribute(node.attributes, 'keep_dims', false)) return undefined;
  const first = rank - axes.length;
  return axes.sort((a, b) => a - b).every((axis, i) => axis === first + i) ? first : undefined;
}

/** `Rsqrt(v + ε)` or `1 / Sqrt(v + ε)`, with the variance written as a mean of squared differences. */
function deviationOf(endpoint: Endpoint | undefined): Deviation | undefined {
  const root = producer(endpoint, 'Rsqrt') ?? producer(producer(endpoint, 'Reciprocal', 'Inv')?.inputs[0], 'Sqrt');
  const sum = producer(root?.inputs[0], 'AddV2', 'Add');
  if (sum === undefined) return undefined;
  for (const [variance, constant] of bothOrders(sum)) {
    const epsilon = uniformOf(constant);
    const mean = producer(variance, 'Mean');
    const moments = mean && momentsOf(mean);
    if (epsilon !== undefined && moments !== undefined) return { ...moments, epsilon };
  }
  return undefined;
}

function momentsOf(variance: GraphNode): Omit<Deviation, 'epsilon'> | undefined {
  const squared = producer(variance.inputs[0], 'SquaredDifference');
  const squares = producer(variance.inputs[0], 'Square');
  const difference = squared ?? producer(squares?.inputs[0], 'Sub');
  if (difference === undefined) return undefined;
  for (const [x, mean] of squared ? bothOrders(difference) : [difference.inputs as [Endpoint, Endpoint]]) {
    const node = producer(mean, 'Mean');
    const rank = shapeOf(x)?.length;
    if (node === undefined || !sameEndpoint(node.inputs[0], x)) continue;
    const axis = trailingAxis(node, rank);
    if (axis !== undefined && axis === trailingAxis(variance, rank)) return { x, mean, axis };
  }
  return undefined;
}

/** A scale `Rsqrt(v + ε)`, times γ where it has one. */
interface Scale {
  readonly deviation: Deviation;
  readonly gamma: Endpoint | undefined;
}

function scaleOf(endpoint: Endpoint): Scale | undefined {
  const plain = deviationOf(endpoint);
  if (plain) return { deviation: plain, gamma: undefined };
  const product = producer(endpoint, 'Mul');
  for (const [factor, gamma] of product ? bothOrders(product) : []) {
    const deviation = deviationOf(factor);
    if (deviation && gamma.node.constant) return { deviation, gamma };
  }
  return undefined;
}

/** `x·k + (β − m·k)` with the parts in any order and sign that Keras and TensorFlow write. */
const expanded: Rewriter = (node) => {
  if (!['AddV2', 'Add', 'Sub'].includes(node.op)) return undefined;
  for (const [scaled, rest] of node.op === 'Sub' ? [node.inputs as [Endpoint, Endpoint]] : bothOrders(node)) {
    const product = producer(scaled, 'Mul');
    for (const [x, k] of product ? bothOrders(product) : []) {
      const scale = scaleOf(k);
      if (scale === undefined || !sameEndpoint(scale.deviation.x, x)) continue;
      const isShift = (value: Endpoint, isNegated: boolean) => isMeanTimes(value, scale.deviation.mean, k, isNegated);
      if (node.op === 'Sub') {
        if (isShift(rest, false)) return normalized(node, scale, undefined);
        continue;
      }
      if (isShift(rest, true)) return normalized(node, scale, undefined);
      const shift = producer(rest, 'AddV2', 'Add', 'Sub');
      for (const [beta, moved] of shift
        ? shift.op === 'Sub'
          ? [shift.inputs as [Endpoint, Endpoint]]
          : bothOrders(shift)
        : []) {
        if (beta.node.constant && isShift(moved, shift!.op !== 'Sub')) return normalized(node, scale, beta);
      }
    }
  }
  return undefined;
};

/** Whether the value is `m·k`, or `(−m)·k`. */
function isMeanTimes(value: Endpoint, mean: Endpoint, k: Endpoint, isNegated: boolean): boolean {
  const product = producer(value, 'Mul');
  if (product === undefined) return false;
  return bothOrders(product).some(([a, b]) => {
    const moved = isNegated ? producer(a, 'Neg')?.inputs[0] : a;
    return sameEndpoint(b, k) && sameEndpoint(moved, mean);
  });
}

/** `(x − m)·Rsqrt(v + ε)` and `(x − m) / Sqrt(v + ε)`. */
const centered: Rewriter = (node) => {
  if (!['Mul', 'RealDiv', 'Div'].includes(node.op)) return undefined;
  for (const [difference, by] of node.op === 'Mul' ? bothOrders(node) : [node.inputs as [Endpoint, Endpoint]]) {
    const sub = producer(difference, 'Sub');
    if (sub === undefined) continue;
    const root = node.op === 'Mul' ? by : reciprocalOf(by);
    const scale = root && scaleOf(root);
    if (scale && sameEndpoint(sub.inputs[0], scale.deviation.x) && sameEndpoint(sub.inputs[1], scale.deviation.mean)) {
      return normalized(node, scale, undefined);
    }
  }
  return undefined;
};

/** A view of `Sqrt(v)` as the `Rsqrt(v)` that a division by it is. */
function reciprocalOf(endpoint: Endpoint): Endpoint | undefined {
  const root = producer(endpoint, 'Sqrt');
  return root && { node: newNode('Rsqrt', root.name, root.inputs, root.outputs), index: 0 };
}

/** Constants of the normalised shape: given ones with leading sizes of 1 dropped, or the same number everywhere. */
export function parameter(
  given: Endpoint | undefined,
  shape: readonly number[],
  otherwise: number,
): Tensor | undefined {
  const count = shape.reduce((product, size) => product * size, 1);
  const numbers = given ? numbersOf(given) : [otherwise];
  if (numbers === undefined || (numbers.length !== count && numbers.length !== 1)) return undefined;
  const own = given?.node.constant?.shape ?? [];
  const trailing = own.slice(Math.max(own.length - shape.length, 0));
  if (numbers.length === count && count !== 1 && String(trailing) !== String(shape)) return undefined;
  return {
    dtype: 'float',
    shape,
    data: Float32Array.from({ length: count }, (_, i) => numbers[numbers.length === 1 ? 0 : i]!),
  };
}

function normalized(
  end: GraphNode,
  { deviation, gamma }: Scale,
  beta: Endpoint | undefined,
): readonly Endpoint[] | undefined {
  const { x, axis, epsilon } = deviation;
  const shape = shapeOf(x)?.slice(axis);
  if (shape === undefined || shape.some((size) => size < 0) || typeOf(x) !== 'float') return undefined;
  const [scale, offset] = [parameter(gamma, shape, 1), parameter(beta, shape, 0)];
  if (scale === undefined || offset === undefined) return undefined;
  return [layerNorm(end, x, scale, offset, { axis, epsilon })];
}

/** The normalisation itself, in the place of a node. */
export function layerNorm(
  end: GraphNode,
  x: Endpoint,
  scale: Tensor,
  offset: Tensor,
  { axis, epsilon }: { axis: number; epsilon: number },
): Endpoint {
  const inputs = [
    x,
    ...[scale, offset].map((value, i) => constantEndpoint(`${end.name}/${i === 0 ? 'scale' : 'offset'}`, value)),
  ];
  const attributes: Record<string, AttributeValue> = {
    axis: { kind: 'int', value: BigInt(axis) },
    epsilon: { kind: 'float', value: epsilon },
  };
  return { node: newNode('_LayerNormalization', end.name, inputs, end.outputs, attributes), index: 0 };
}

const constantEndpoint = (name: string, tensor: Tensor): Endpoint => ({ node: constantNode(name, tensor), index: 0 });

/** A scale after a normalisation without one, or an offset after it. */
const parametrized: Rewriter = (node, view) => {
  if (!['Mul', 'AddV2', 'Add'].includes(node.op)) return undefined;
  for (const [value, constant] of bothOrders(node)) {
    const before = view.inner(value, '_LayerNormalization');
    const isFree =
      before && uniformOf(before.inputs[2]) === 0 && (node.op !== 'Mul' || uniformOf(before.inputs[1]) === 1);
    if (!isFree || !constant.node.constant || !isAsLong(constant, value)) continue;
    const shape = before.inputs[1]!.node.constant!.shape;
    const given = parameter(constant, shape, 0);
    if (given === undefined) continue;
    const options = {
      axis: intAttribute(before.attributes, 'axis'),
      epsilon: floatAttribute(before.attributes, 'epsilon'),
    };
    const [scale, offset] = before.inputs.slice(1).map((input) => input.node.constant!.tensor()) as [Tensor, Tensor];
    return [
      node.op === 'Mul'
        ? layerNorm(node, before.inputs[0]!, given, offset, options)
        : layerNorm(node, before.inputs[0]!, scale, given, options),
    ];
  }
  return undefined;
};

const isAsLong = (constant: Endpoint, value: Endpoint): boolean =>
  (shapeOf(constant)?.length ?? 0) <= (shapeOf(value)?.length ?? -1);

/** Rewriters of layer normalisation. */
export const normalizationRewriters: readonly Rewriter[] = [expanded, centered, parametrized];
