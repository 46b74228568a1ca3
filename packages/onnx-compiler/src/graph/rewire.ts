/** Replaces endpoints by others wherever they are used. */
import type { Endpoint, GraphNode, SignatureGraph, Subgraph } from './graph.js';
import { graphRoots, nodesInOrder } from './node-order.js';

/** Endpoints with what stands in their place. */
export class Replacements {
  readonly #byNode = new Map<GraphNode, Map<number, Endpoint>>();

  get size(): number {
    return this.#byNode.size;
  }

  set({ node, index }: Endpoint, by: Endpoint): void {
    const outputs = this.#byNode.get(node) ?? new Map<number, Endpoint>();
    this.#byNode.set(node, outputs.set(index, by));
  }

  /** Returns what stands for an endpoint at last. */
  get(endpoint: Endpoint): Endpoint {
    let found = endpoint;
    for (;;) {
      const next = this.#byNode.get(found.node)?.get(found.index);
      if (next === undefined) return found;
      found = next;
    }
  }
}

/** Every node of a graph and of its subgraphs, inputs before users; a subgraph's nodes come before the node that has it. */
export function allNodes(graph: SignatureGraph): GraphNode[] {
  return nodesWithin(graphRoots(graph));
}

/** Every node that a subgraph depends on, as {@link allNodes}. */
export function allNodesOf(subgraph: Subgraph): GraphNode[] {
  return nodesWithin(subgraph.results);
}

function nodesWithin(roots: readonly Endpoint[]): GraphNode[] {
  const done = new Set<GraphNode>();
  const order: GraphNode[] = [];
  const stack: { nodes: GraphNode[]; next: number }[] = [{ nodes: nodesInOrder(roots, done), next: 0 }];
  const entered = new Set<GraphNode>();
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const node = top.nodes[top.next];
    if (node === undefined) {
      stack.pop();
    } else if (node.subgraphs !== undefined && !entered.has(node)) {
      entered.add(node);
      const roots = Object.values(node.subgraphs).flatMap((subgraph) => [...subgraph.arguments, ...subgraph.results]);
      stack.push({ nodes: nodesInOrder(roots, done), next: 0 });
    } else {
      order.push(node);
      top.next++;
    }
  }
  return order;
}

/** Applies replacements to every use in a graph: inputs, results of subgraphs, outputs and guards. */
export function applyReplacements(
  graph: SignatureGraph,
  nodes: readonly GraphNode[],
  replacements: Replacements,
): void {
  if (replacements.size > 0) mapEndpoints(graph, nodes, (endpoint) => replacements.get(endpoint));
}

/** Replaces every use of an endpoint in a graph by what `map` returns for it. */
export function mapEndpoints(
  graph: SignatureGraph,
  nodes: readonly GraphNode[],
  map: (endpoint: Endpoint) => Endpoint,
): void {
  for (const node of nodes) {
    node.inputs = node.inputs.map(map);
    for (const subgraph of Object.values<Subgraph>(node.subgraphs ?? {})) subgraph.results = subgraph.results.map(map);
  }
  for (const output of graph.outputs) output.source = map(output.source);
  for (const [i, { condition, message }] of graph.guards.entries()) {
    graph.guards[i] = {
      condition: map(condition),
      message: message.map((part) => (typeof part === 'string' ? part : map(part))),
    };
  }
}
