/** Activations of gates, by what computes them. */
import type { Endpoint } from '../graph/graph.js';
import { bothOrders, isAbout, producer } from '../rewrite/graph-view.js';

/** An activation as ONNX's recurrent operators name it. */
export interface Activation {
  readonly name: 'Sigmoid' | 'Tanh' | 'Relu' | 'HardSigmoid';
  readonly alpha?: number;
  readonly beta?: number;
}

/** An activation with what it is applied to. */
export interface Activated {
  readonly activation: Activation;
  readonly input: Endpoint;
}

/** @returns `undefined` for a value that is none of the known activations. */
export function activated(endpoint: Endpoint): Activated | undefined {
  for (const name of ['Sigmoid', 'Tanh', 'Relu'] as const) {
    const node = producer(endpoint, name);
    if (node) return { activation: { name }, input: node.inputs[0]! };
  }
  return hardSigmoid(endpoint) ?? olderHardSigmoid(endpoint);
}

/** Keras 3: `relu6(x + 3) / 6`. */
function hardSigmoid(endpoint: Endpoint): Activated | undefined {
  const scaled = producer(endpoint, 'RealDiv', 'Mul');
  const factor = scaled?.op === 'Mul' ? 1 / 6 : 6;
  if (!scaled || !isAbout(scaled.inputs[1], factor)) return undefined;
  const clipped = producer(scaled.inputs[0], 'Relu6');
  const shifted = clipped && shiftedBy(clipped.inputs[0]!, 3);
  return shifted && { activation: { name: 'HardSigmoid', alpha: 1 / 6, beta: 0.5 }, input: shifted };
}

/** Keras 2: `clip(0.2 x + 0.5, 0, 1)`. */
function olderHardSigmoid(endpoint: Endpoint): Activated | undefined {
  const least = producer(endpoint, 'Minimum');
  if (!least || !isAbout(least.inputs[1], 1)) return undefined;
  const most = producer(least.inputs[0], 'Maximum');
  if (!most || !isAbout(most.inputs[1], 0)) return undefined;
  const shifted = shiftedBy(most.inputs[0]!, 0.5);
  const scaled = shifted && producer(shifted, 'Mul');
  if (!scaled) return undefined;
  const [input] = bothOrders(scaled).find(([, factor]) => isAbout(factor, 0.2)) ?? [];
  return input && { activation: { name: 'HardSigmoid', alpha: 0.2, beta: 0.5 }, input };
}

function shiftedBy(endpoint: Endpoint, amount: number): Endpoint | undefined {
  const sum = producer(endpoint, 'AddV2', 'Add');
  return sum && bothOrders(sum).find(([, shift]) => isAbout(shift, amount))?.[0];
}
