/** What rewriters ask about a graph. */
import type { NumericArray } from '@serving/core/tensor';
import { fromBfloat16, fromHalf } from '@serving/core/tensor';
import type { Endpoint, GraphNode, SignatureGraph } from '../graph/graph.js';
import { graphRoots } from '../graph/node-order.js';

/** Constants up to this size are read as numbers. */
const MAX_READ_ELEMENTS = 65_536;

/** A graph as it is before a pass. */
export class GraphView {
  readonly #users = new Map<GraphNode, number[]>();
  readonly nodes: readonly GraphNode[];

  constructor(graph: SignatureGraph, nodes: readonly GraphNode[]) {
    this.nodes = nodes;
    const count = ({ node, index }: Endpoint) => {
      const users = this.#users.get(node) ?? [];
      users[index] = (users[index] ?? 0) + 1;
      this.#users.set(node, users);
    };
    for (const node of nodes) {
      node.inputs.forEach(count);
      for (const subgraph of Object.values(node.subgraphs ?? {})) subgraph.results.forEach(count);
    }
    graphRoots(graph).forEach(count);
  }

  /** How often an output is used. */
  uses({ node, index }: Endpoint): number {
    return this.#users.get(node)?.[index] ?? 0;
  }

  /** The node of an endpoint if it is one of these operations, with its first output used once. */
  inner(endpoint: Endpoint | undefined, ...ops: readonly string[]): GraphNode | undefined {
    const node = producer(endpoint, ...ops);
    return node && this.uses(endpoint!) === 1 ? node : undefined;
  }
}

/** The node of an endpoint if it is the first output of one of these operations. */
export function producer(endpoint: Endpoint | undefined, ...ops: readonly string[]): GraphNode | undefined {
  return endpoint?.index === 0 && ops.includes(endpoint.node.op) ? endpoint.node : undefined;
}

/** Whether two endpoints are the same output. */
export function sameEndpoint(a: Endpoint | undefined, b: Endpoint | undefined): boolean {
  return a !== undefined && a.node === b?.node && a.index === b.index;
}

/** Both orders of a node's two inputs. */
export function bothOrders({ inputs }: GraphNode): [Endpoint, Endpoint][] {
  const [a, b] = inputs as [Endpoint, Endpoint];
  return [
    [a, b],
    [b, a],
  ];
}

/** The numbers of a constant, in float64; `undefined` for what is not constant, large or not numeric. */
export function numbersOf(endpoint: Endpoint | undefined): number[] | undefined {
  const constant = endpoint?.node.constant;
  if (constant === undefined || constant.dtype === 'string') return undefined;
  if (constant.shape.reduce((product, size) => product * size, 1) > MAX_READ_ELEMENTS) return undefined;
  const { dtype, data } = constant.tensor();
  const numbers = Array.from(data as NumericArray as Iterable<number | bigint>, Number);
  if (dtype === 'half') return numbers.map(fromHalf);
  return dtype === 'bfloat16' ? numbers.map(fromBfloat16) : numbers;
}

/** The number that a constant has everywhere. */
export function uniformOf(endpoint: Endpoint | undefined): number | undefined {
  const numbers = numbersOf(endpoint);
  return numbers?.every((number) => Object.is(number, numbers[0])) ? numbers[0] : undefined;
}

/** Whether a constant is this number everywhere, as near as float32, or half at worst, comes to it. */
export function isAbout(endpoint: Endpoint | undefined, expected: number): boolean {
  const number = uniformOf(endpoint);
  const tolerance = endpoint?.node.constant?.dtype === 'half' ? 1e-3 : 1e-6;
  return number !== undefined && Math.abs(number - expected) <= tolerance * Math.max(1, Math.abs(expected));
}

/** Whether broadcasting with this constant keeps the shape of a tensor. */
export function keepsShape(constant: Endpoint, of: Endpoint): boolean {
  const shape = of.node.outputs[of.index]!.shape;
  const own = constant.node.constant?.shape;
  if (shape === undefined || own === undefined || own.length > shape.length) return false;
  return own.every((size, i) => size === 1 || size === shape[i + shape.length - own.length]);
}

/** The dtype of an endpoint. */
export function typeOf({ node, index }: Endpoint): string {
  return node.outputs[index]!.dtype;
}

/** The shape of an endpoint. */
export function shapeOf({ node, index }: Endpoint): readonly number[] | undefined {
  return node.outputs[index]!.shape;
}
