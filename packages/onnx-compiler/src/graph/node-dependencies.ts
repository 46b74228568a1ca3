/** What nodes depend on, with what the bodies of control flow take from the graph around them. */
import type { Endpoint, GraphNode } from './graph.js';
import { nodesInOrder } from './node-order.js';

/** The nodes of a graph or of a body, in an order in which they can run. Bodies inside are not entered. */
export class NodeDependencies {
  /** Inputs before users, constants included; without the nodes of the boundary. */
  readonly order: readonly GraphNode[];
  readonly #captures = new Map<GraphNode, readonly Endpoint[]>();

  /** Takes what `roots` depend on; nodes of `boundary` come from elsewhere. */
  constructor(roots: readonly Endpoint[], boundary: Iterable<GraphNode>) {
    const outside = new Set(boundary);
    const known = new Set(outside);
    const found = nodesInOrder(roots, known);
    for (const node of found) if (node.subgraphs !== undefined) this.#captures.set(node, capturesOf(node, known));
    this.order = ordered(found, (node) => this.of(node).filter((need) => !outside.has(need.node)));
  }

  /** The endpoints that the bodies of a node use from around it, each once. */
  captures(node: GraphNode): readonly Endpoint[] {
    return this.#captures.get(node) ?? [];
  }

  /** The endpoints that a node needs. */
  of(node: GraphNode): readonly Endpoint[] {
    return [...node.inputs, ...this.captures(node)];
  }
}

function capturesOf(node: GraphNode, outer: ReadonlySet<GraphNode>): Endpoint[] {
  const captures = new Map<string, Endpoint>();
  const ids = new Map<GraphNode, number>();
  const entered = new Set<GraphNode>();
  const stack: Endpoint[] = resultsOf(node);
  while (stack.length > 0) {
    const endpoint = stack.pop()!;
    if (endpoint.node.op === 'Const') continue;
    if (outer.has(endpoint.node)) {
      if (!ids.has(endpoint.node)) ids.set(endpoint.node, ids.size);
      captures.set(`${ids.get(endpoint.node)}:${endpoint.index}`, endpoint);
    } else if (!entered.has(endpoint.node)) {
      entered.add(endpoint.node);
      stack.push(...endpoint.node.inputs, ...resultsOf(endpoint.node));
    }
  }
  return [...captures.values()];
}

function resultsOf({ subgraphs }: GraphNode): Endpoint[] {
  return Object.values(subgraphs ?? {}).flatMap(({ results }) => results);
}

function ordered(nodes: readonly GraphNode[], dependencies: (node: GraphNode) => readonly Endpoint[]): GraphNode[] {
  const order: GraphNode[] = [];
  const done = new Set<GraphNode>();
  for (const root of nodes) {
    const stack = done.has(root) ? [] : [{ node: root, needs: dependencies(root), next: 0 }];
    done.add(root);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const need = top.needs[top.next++]?.node;
      if (need === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!done.has(need)) {
        done.add(need);
        stack.push({ node: need, needs: dependencies(need), next: 0 });
      }
    }
  }
  return order;
}
