/** Cells of recurrent layers, by what a step computes. */
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { bothOrders, isAbout, producer, sameEndpoint } from '../rewrite/graph-view.js';
import { type AffineForm, AffineReader, type Matrix, matrixOf } from './affine-form.js';
import { type Activation, activated } from './gate-activation.js';

/** The weights of one gate. */
export interface Gate {
  /** Of the step's input; absent for zeros. */
  readonly input: Matrix | undefined;
  /** Of the state before. */
  readonly state: Matrix | undefined;
  readonly inputBias: Float64Array | undefined;
  readonly stateBias: Float64Array | undefined;
}

/** A cell in ONNX's terms: gates in its order, activations in its order. */
export interface Cell {
  readonly kind: 'LSTM' | 'GRU' | 'RNN';
  readonly gates: readonly Gate[];
  readonly activations: readonly Activation[];
  /** Whether the reset gate of a GRU is applied after the product with the state. */
  readonly resetsAfter: boolean;
}

/** What a step is made of: its input, and the state before it. */
export interface Step {
  /** The node that gives the step's input. */
  readonly x: GraphNode;
  readonly h: GraphNode;
  readonly c: GraphNode | undefined;
}

/** `h' = σ(o) · tanh(c')`, `c' = σ(f) · c + σ(i) · tanh(g)`. */
export function lstmCell(step: Step, hNext: Endpoint, cNext: Endpoint): Cell | undefined {
  const reader = new AffineReader([step.x, step.h]);
  const cell = { node: step.c!, index: 0 };
  for (const [output, shown] of factors(hNext)) {
    const o = activated(output);
    const outer = activated(shown);
    if (!o || !outer || !sameEndpoint(outer.input, cNext)) continue;
    for (const [kept, written] of terms(cNext)) {
      const [f] = factors(kept).find(([, state]) => sameEndpoint(state, cell)) ?? [];
      for (const [i, g] of factors(written)) {
        const gates = [i, output, f, g].map((gate) => gate && activated(gate));
        const [input, , forget, candidate] = gates;
        if (!input || !forget || !candidate) continue;
        // Where both factors have one activation their order is the same.
        if (!sameActivation(input.activation, o.activation, forget.activation)) continue;
        const forms = [input, o, forget, candidate].map((gate) => gateOf(reader.read(gate.input), step));
        if (!isComplete(forms)) continue;
        const activations = [input.activation, candidate.activation, outer.activation];
        return { kind: 'LSTM', gates: forms, activations, resetsAfter: false };
      }
    }
  }
  return undefined;
}

/** `h' = z · h + (1 − z) · hh`. */
export function gruCell(step: Step, hNext: Endpoint): Cell | undefined {
  const reader = new AffineReader([step.x, step.h]);
  const state = { node: step.h, index: 0 };
  for (const [kept, written] of terms(hNext)) {
    const [update] = factors(kept).find(([, other]) => sameEndpoint(other, state)) ?? [];
    const z = update && activated(update);
    if (!z) continue;
    const [, candidate] = factors(written).find(([rest]) => isComplement(rest, update)) ?? [];
    const hh = candidate && activated(candidate);
    if (!hh) continue;
    const found = resetAfter(reader, step, hh.input) ?? resetBefore(reader, step, hh.input);
    const zGate = gateOf(reader.read(z.input), step);
    if (!found || !zGate || !sameActivation(z.activation, found.activation)) continue;
    return {
      kind: 'GRU',
      gates: [zGate, found.reset, found.candidate],
      activations: [z.activation, hh.activation],
      resetsAfter: found.resetsAfter,
    };
  }
  return undefined;
}

/** `h' = tanh(x · K + h · R + b)`. */
export function simpleCell(step: Step, hNext: Endpoint): Cell | undefined {
  const value = activated(hNext);
  const gate = value && gateOf(new AffineReader([step.x, step.h]).read(value.input), step);
  if (!value || !gate?.state) return undefined;
  return { kind: 'RNN', gates: [gate], activations: [value.activation], resetsAfter: false };
}

interface Reset {
  readonly reset: Gate;
  readonly candidate: Gate;
  readonly activation: Activation;
  readonly resetsAfter: boolean;
}

/** `x · K + r · (h · R + b)`. */
function resetAfter(reader: AffineReader, step: Step, sum: Endpoint): Reset | undefined {
  for (const [own, product] of terms(sum)) {
    const x = reader.read(own);
    if (!x || x.products.has(step.h)) continue;
    for (const [gate, state] of factors(product)) {
      const r = activated(gate);
      const h = reader.read(state);
      const reset = r && gateOf(reader.read(r.input), step);
      if (!reset || !h || h.products.has(step.x) || !h.products.has(step.h)) continue;
      const candidate = {
        input: x.products.get(step.x),
        state: h.products.get(step.h),
        inputBias: x.bias,
        stateBias: h.bias,
      };
      return { reset, candidate, activation: r.activation, resetsAfter: true };
    }
  }
  return undefined;
}

/** `x · K + (r · h) · R`. */
function resetBefore(reader: AffineReader, step: Step, sum: Endpoint): Reset | undefined {
  const state = { node: step.h, index: 0 };
  for (const [own, product] of terms(sum)) {
    const x = reader.read(own);
    const matMul = producer(product, 'MatMul');
    if (!x || x.products.has(step.h) || !matMul || matMul.attributes.get('transpose_b')?.value === true) continue;
    const [gate] = factors(matMul.inputs[0]!).find(([, other]) => sameEndpoint(other, state)) ?? [];
    const r = gate && activated(gate);
    const reset = r && gateOf(reader.read(r.input), step);
    const weights = matrixOf(matMul.inputs[1]!);
    if (!reset || !weights) continue;
    const candidate = { input: x.products.get(step.x), state: weights, inputBias: x.bias, stateBias: undefined };
    return { reset, candidate, activation: r.activation, resetsAfter: false };
  }
  return undefined;
}

function gateOf(form: AffineForm | undefined, { x, h }: Step): Gate | undefined {
  if (!form) return undefined;
  return { input: form.products.get(x), state: form.products.get(h), inputBias: form.bias, stateBias: undefined };
}

function isComplete(gates: readonly (Gate | undefined)[]): gates is readonly Gate[] {
  return gates.every((gate) => gate !== undefined);
}

/** Both orders of the factors of a product; none for another value. */
function factors(endpoint: Endpoint): readonly [Endpoint, Endpoint][] {
  const product = producer(endpoint, 'Mul');
  return product ? bothOrders(product) : [];
}

function terms(endpoint: Endpoint): readonly [Endpoint, Endpoint][] {
  const sum = producer(endpoint, 'AddV2', 'Add');
  return sum ? bothOrders(sum) : [];
}

/** `1 − z`. */
function isComplement(endpoint: Endpoint, z: Endpoint): boolean {
  const difference = producer(endpoint, 'Sub');
  return difference !== undefined && isAbout(difference.inputs[0], 1) && sameEndpoint(difference.inputs[1], z);
}

function sameActivation(first: Activation, ...others: readonly Activation[]): boolean {
  return others.every(({ name, alpha, beta }) => name === first.name && alpha === first.alpha && beta === first.beta);
}
