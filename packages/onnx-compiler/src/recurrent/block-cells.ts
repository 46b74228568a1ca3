/** Cells that TensorFlow has as one operation, as the operations that they are made of. */

import { boolAttribute, floatAttribute } from '../graph/attribute-readers.js';
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { constantNode } from '../graph/new-node.js';
import { makeNode, typeValue } from '../op-defs/make-node.js';
import { typeOf } from '../rewrite/graph-view.js';

/** `LSTMBlockCell` and `GRUBlockCell` of float. */
export function expandBlockCell(node: GraphNode): readonly Endpoint[] | undefined {
  const [x] = node.inputs;
  if (!x || typeOf(x) !== 'float') return undefined;
  if (node.op === 'LSTMBlockCell') return lstmBlockCell(node);
  return node.op === 'GRUBlockCell' ? gruBlockCell(node) : undefined;
}

/** Writes nodes of float below a node's name. */
class CellNodes {
  readonly #name: string;
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  op(op: string, inputs: readonly Endpoint[], attributes: Readonly<Record<string, AttributeValue>> = {}): Endpoint {
    return { node: this.node(op, inputs, attributes), index: 0 };
  }

  node(op: string, inputs: readonly Endpoint[], attributes: Readonly<Record<string, AttributeValue>> = {}): GraphNode {
    return makeNode(`${this.#name}/${op}_${this.#count++}`, op, inputs, { T: typeValue('float'), ...attributes });
  }

  number(value: number): Endpoint {
    const node = constantNode(`${this.#name}/constant_${this.#count++}`, {
      dtype: 'float',
      shape: [],
      data: Float32Array.of(value),
    });
    return { node, index: 0 };
  }

  axis(): Endpoint {
    const node = constantNode(`${this.#name}/axis_${this.#count++}`, {
      dtype: 'int32',
      shape: [],
      data: Int32Array.of(1),
    });
    return { node, index: 0 };
  }

  /** `[x, h] · w + b` in parts. */
  gates(x: Endpoint, h: Endpoint, w: Endpoint, b: Endpoint, count: number): Endpoint[] {
    const N = { N: { kind: 'int' as const, value: 2n }, Tidx: typeValue('int32') };
    const joined = this.op('ConcatV2', [x, h, this.axis()], N);
    const sum = this.op('BiasAdd', [this.op('MatMul', [joined, w]), b]);
    if (count === 1) return [sum];
    const split = this.node('Split', [this.axis(), sum], { num_split: { kind: 'int', value: BigInt(count) } });
    return Array.from({ length: count }, (_, index) => ({ node: split, index }));
  }
}

/** Outputs i, cs, f, o, ci, co, h. */
function lstmBlockCell({ name, inputs, attributes }: GraphNode): Endpoint[] {
  const [x, cs, h, w, wci, wcf, wco, b] = inputs as [
    Endpoint,
    Endpoint,
    Endpoint,
    Endpoint,
    Endpoint,
    Endpoint,
    Endpoint,
    Endpoint,
  ];
  const nodes = new CellNodes(name);
  const peephole = (gate: Endpoint, weights: Endpoint, state: Endpoint): Endpoint =>
    boolAttribute(attributes, 'use_peephole') ? nodes.op('AddV2', [gate, nodes.op('Mul', [weights, state])]) : gate;
  const [zi, zci, zf, zo] = nodes.gates(x, h, w, b, 4) as [Endpoint, Endpoint, Endpoint, Endpoint];
  const i = nodes.op('Sigmoid', [peephole(zi, wci, cs)]);
  const forgetBias = floatAttribute(attributes, 'forget_bias');
  const biased = forgetBias === 0 ? zf : nodes.op('AddV2', [zf, nodes.number(forgetBias)]);
  const f = nodes.op('Sigmoid', [peephole(biased, wcf, cs)]);
  const ci = nodes.op('Tanh', [zci]);
  const sum = nodes.op('AddV2', [nodes.op('Mul', [f, cs]), nodes.op('Mul', [i, ci])]);
  const clip = floatAttribute(attributes, 'cell_clip');
  const next =
    clip > 0 ? nodes.op('Minimum', [nodes.op('Maximum', [sum, nodes.number(-clip)]), nodes.number(clip)]) : sum;
  const o = nodes.op('Sigmoid', [peephole(zo, wco, next)]);
  const co = nodes.op('Tanh', [next]);
  return [i, next, f, o, ci, co, nodes.op('Mul', [o, co])];
}

/** Outputs r, u, c, h. */
function gruBlockCell({ name, inputs }: GraphNode): Endpoint[] {
  const [x, h, wRu, wC, bRu, bC] = inputs as [Endpoint, Endpoint, Endpoint, Endpoint, Endpoint, Endpoint];
  const nodes = new CellNodes(name);
  const [zr, zu] = nodes.gates(x, h, wRu, bRu, 2) as [Endpoint, Endpoint];
  const r = nodes.op('Sigmoid', [zr]);
  const u = nodes.op('Sigmoid', [zu]);
  const [zc] = nodes.gates(x, nodes.op('Mul', [r, h]), wC, bC, 1) as [Endpoint];
  const c = nodes.op('Tanh', [zc]);
  const rest = nodes.op('Mul', [nodes.op('Sub', [nodes.number(1), u]), c]);
  return [r, u, c, nodes.op('AddV2', [nodes.op('Mul', [u, h]), rest])];
}
