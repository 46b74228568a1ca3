/** Activations that are written as several operations. */

import { floatAttribute } from '../graph/attribute-readers.js';
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { newNode } from '../graph/new-node.js';
import {
  bothOrders,
  type GraphView,
  isAbout,
  keepsShape,
  numbersOf,
  producer,
  sameEndpoint,
  shapeOf,
  typeOf,
  uniformOf,
} from './graph-view.js';
import type { Rewriter } from './rewriter.js';

const float = (value: number): AttributeValue => ({ kind: 'float', value });

const activation = (
  op: string,
  end: GraphNode,
  inputs: readonly Endpoint[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): readonly Endpoint[] => [{ node: newNode(op, end.name, inputs, end.outputs, attributes), index: 0 }];

/** Factors of a product of any nesting whose inner products have no other use. */
function factorsOf(node: GraphNode, view: GraphView): Endpoint[] {
  const factors: Endpoint[] = [];
  const open = [...node.inputs];
  while (open.length > 0) {
    const factor = open.pop()!;
    const inner = view.inner(factor, 'Mul');
    if (inner && factors.length + open.length < 8) open.push(...inner.inputs);
    else factors.push(factor);
  }
  return factors;
}

/** Splits factors into the product of constants and the others. */
function scaledFactors(node: GraphNode, view: GraphView): { scale: number; others: Endpoint[] } {
  let scale = 1;
  const others: Endpoint[] = [];
  for (const factor of factorsOf(node, view)) {
    const number = uniformOf(factor);
    if (number === undefined || factor.node.constant!.shape.length > 1) others.push(factor);
    else scale *= number;
  }
  return { scale, others };
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.abs(b);

/** `x` if the endpoint is `x · factor`, or `x / (1 / factor)`. */
function scaledBy(endpoint: Endpoint | undefined, factor: number): Endpoint | undefined {
  const product = producer(endpoint, 'Mul');
  if (product) return bothOrders(product).find(([, by]) => isNear(by, factor))?.[0];
  const quotient = producer(endpoint, 'RealDiv', 'Div');
  return quotient && isNear(quotient.inputs[1]!, 1 / factor) ? quotient.inputs[0] : undefined;
}

const isNear = (endpoint: Endpoint, expected: number): boolean => {
  const number = uniformOf(endpoint);
  return number !== undefined && near(number, expected);
};

/** `x` if the endpoint is `x + constant`. */
function plusConstant(endpoint: Endpoint | undefined, constant: number): Endpoint | undefined {
  const sum = producer(endpoint, 'AddV2', 'Add');
  return sum && bothOrders(sum).find(([, by]) => isAbout(by, constant))?.[0];
}

/** `½·x·(1 + Erf(x/√2))`, `½·x·Erfc(−x/√2)`, and `½·x·(1 + Tanh(√(2/π)·(x + 0.044715·x³)))`. */
const gelu: Rewriter = (node, view) => {
  if (node.op !== 'Mul' || !['float', 'half'].includes(typeOf({ node, index: 0 }))) return undefined;
  const { scale, others } = scaledFactors(node, view);
  if (!near(scale, 0.5) || others.length !== 2) return undefined;
  for (const [x, curve] of [others, others.toReversed()] as [Endpoint, Endpoint][]) {
    const erfc = view.inner(curve, 'Erfc');
    if (erfc && sameEndpoint(scaledBy(erfc.inputs[0], -Math.SQRT1_2), x)) return geluOf(node, x, false);
    if (erfc && isNegatedScaled(erfc.inputs[0], x)) return geluOf(node, x, false);
    const one = plusConstant(curve, 1);
    const erf = one && view.inner(one, 'Erf');
    if (erf && sameEndpoint(scaledBy(erf.inputs[0], Math.SQRT1_2), x)) return geluOf(node, x, false);
    const tanh = one && view.inner(one, 'Tanh');
    if (tanh && isTanhArgument(tanh.inputs[0], x, view)) return geluOf(node, x, true);
  }
  return undefined;
};

/** `−(x/√2)` in either order of the two. */
function isNegatedScaled(endpoint: Endpoint | undefined, x: Endpoint): boolean {
  const negation = producer(endpoint, 'Neg');
  if (negation) return sameEndpoint(scaledBy(negation.inputs[0], Math.SQRT1_2), x);
  const scaled = producer(scaledBy(endpoint, Math.SQRT1_2), 'Neg');
  return scaled !== undefined && sameEndpoint(scaled.inputs[0], x);
}

const geluOf = (node: GraphNode, x: Endpoint, approximate: boolean) =>
  activation('_Gelu', node, [x], { approximate: { kind: 'bool', value: approximate } });

function isTanhArgument(endpoint: Endpoint | undefined, x: Endpoint, view: GraphView): boolean {
  const sum = producer(scaledBy(endpoint, Math.sqrt(2 / Math.PI)), 'AddV2', 'Add');
  if (sum === undefined) return false;
  return bothOrders(sum).some(([a, b]) => {
    const cube = sameEndpoint(a, x) ? producer(b, 'Mul') : undefined;
    if (cube === undefined) return false;
    const { scale, others } = scaledFactors(cube, view);
    if (!near(scale, 0.044715)) return false;
    return others.reduce((power, factor) => power + powerOf(factor, x), 0) === 3;
  });
}

/** Which power of `x` the endpoint is; a large number if it is none. */
function powerOf(endpoint: Endpoint, x: Endpoint): number {
  if (sameEndpoint(endpoint, x)) return 1;
  const square = producer(endpoint, 'Square');
  if (square) return sameEndpoint(square.inputs[0], x) ? 2 : 100;
  const power = producer(endpoint, 'Pow');
  if (power && sameEndpoint(power.inputs[0], x)) return uniformOf(power.inputs[1]) ?? 100;
  const product = producer(endpoint, 'Mul');
  return product?.inputs.every((factor) => sameEndpoint(factor, x)) ? 2 : 100;
}

/** `Relu6(x + 3) / 6`, and that times `x`. */
const hardSigmoid: Rewriter = (node, view) => {
  if (!['Mul', 'RealDiv', 'Div'].includes(node.op) || typeOf({ node, index: 0 }) !== 'float') return undefined;
  const clipped = view.inner(scaledBy({ node, index: 0 }, 1 / 6), 'Relu6');
  const x = clipped && plusConstant(clipped.inputs[0], 3);
  if (x !== undefined) return activation('_HardSigmoid', node, [x], { alpha: float(1 / 6), beta: float(0.5) });
  return hardSwish(node, view);
};

function hardSwish(node: GraphNode, view: GraphView): readonly Endpoint[] | undefined {
  if (node.op !== 'Mul') return undefined;
  for (const [x, gate] of bothOrders(node)) {
    const inner = view.inner(gate, '_HardSigmoid');
    const isPlain = inner && near(floatAttribute(inner.attributes, 'alpha'), 1 / 6);
    if (isPlain && sameEndpoint(inner.inputs[0], x)) return activation('_HardSwish', node, [x]);
  }
  return undefined;
}

/** `Maximum(x, α·x)`, `Relu(x) − α·Relu(−x)` and `Relu(x) + (−α)·Relu(−x)`. */
const leakyRelu: Rewriter = (node, view) => {
  if (typeOf({ node, index: 0 }) !== 'float' || node.inputs.length !== 2) return undefined;
  if (node.op === 'Maximum') {
    for (const [x, other] of bothOrders(node)) {
      const product = view.inner(other, 'Mul');
      const slope = product && bothOrders(product).find(([value]) => sameEndpoint(value, x))?.[1];
      const alpha = slope && uniformOf(slope);
      if (alpha !== undefined && alpha > 0 && alpha < 1)
        return activation('LeakyRelu', node, [x], { alpha: float(alpha) });
    }
    return undefined;
  }
  if (!['Sub', 'AddV2', 'Add'].includes(node.op)) return undefined;
  for (const [positive, other] of node.op === 'Sub' ? [node.inputs as [Endpoint, Endpoint]] : bothOrders(node)) {
    const found = twoSided(view.inner(positive, 'Relu'), view.inner(other, 'Mul'), view);
    if (found === undefined) continue;
    const sign = node.op === 'Sub' ? 1 : -1;
    const slopes = numbersOf(found.slope)?.map((slope) => slope * sign);
    if (slopes === undefined || !keepsShape(found.slope, found.x)) continue;
    if (slopes.every((slope) => slope === slopes[0])) {
      return activation('LeakyRelu', node, [found.x], { alpha: float(slopes[0]!) });
    }
    return activation('_PRelu', node, [found.x, found.slope], { sign: float(sign) });
  }
  return undefined;
};

/** `x` and the slope of `Relu(x)` beside `slope · Relu(−x)`. */
function twoSided(relu: GraphNode | undefined, product: GraphNode | undefined, view: GraphView) {
  if (relu === undefined || product === undefined) return undefined;
  for (const [slope, negative] of bothOrders(product)) {
    const inner = view.inner(negative, 'Relu');
    const negation = inner && producer(inner.inputs[0], 'Neg');
    if (negation && sameEndpoint(negation.inputs[0], relu.inputs[0])) return { x: relu.inputs[0]!, slope };
  }
  return undefined;
}

/** `Minimum(Maximum(x, a), b)` with constant bounds. */
const clip: Rewriter = (node, view) => {
  if (node.op !== 'Minimum' || shapeOf({ node, index: 0 }) === undefined) return undefined;
  for (const [value, high] of bothOrders(node)) {
    const maximum = view.inner(value, 'Maximum');
    const bound = scalarBound(high);
    if (maximum === undefined || bound === undefined) continue;
    for (const [x, low] of bothOrders(maximum)) {
      const least = scalarBound(low);
      if (least !== undefined && least <= bound && !x.node.constant)
        return activation('ClipByValue', node, [x, low, high]);
    }
  }
  return undefined;
};

const scalarBound = (endpoint: Endpoint): number | undefined =>
  endpoint.node.constant?.shape.length === 0 ? uniformOf(endpoint) : undefined;

/** `x · Tanh(Softplus(x))`. */
const mish: Rewriter = (node, view) => {
  if (node.op !== 'Mul' || typeOf({ node, index: 0 }) !== 'float') return undefined;
  for (const [x, curve] of bothOrders(node)) {
    const tanh = view.inner(curve, 'Tanh');
    const softplus = tanh && view.inner(tanh.inputs[0], 'Softplus');
    if (softplus && sameEndpoint(softplus.inputs[0], x)) return activation('_Mish', node, [x]);
  }
  return undefined;
};

/** Rewriters of activations. */
export const activationRewriters: readonly Rewriter[] = [gelu, hardSigmoid, leakyRelu, clip, mish];
