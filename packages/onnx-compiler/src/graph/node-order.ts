/** Orders in which the nodes of a graph are processed. */
import type { Endpoint, GraphNode, SignatureGraph } from './graph.js';

/**
 * Adds the nodes that `roots` depend on to `done`, and returns those that it did not hold, inputs before their users. Nodes of
 * subgraphs are not entered.
 */
export function nodesInOrder(roots: Iterable<Endpoint | GraphNode>, done: Set<GraphNode> = new Set()): GraphNode[] {
  const order: GraphNode[] = [];
  for (const root of roots) {
    const stack = [{ node: 'node' in root ? root.node : root, next: 0 }];
    if (done.has(stack[0]!.node)) continue;
    done.add(stack[0]!.node);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        order.push(top.node);
        stack.pop();
      } else if (!done.has(input.node)) {
        done.add(input.node);
        stack.push({ node: input.node, next: 0 });
      }
    }
  }
  return order;
}

/** The endpoints that a graph is there for: its outputs, then conditions and shown values of its guards. */
export function graphRoots(graph: SignatureGraph): Endpoint[] {
  const guards = graph.guards.flatMap(({ condition, message }) => [
    condition,
    ...message.filter((part): part is Endpoint => typeof part !== 'string'),
  ]);
  return [...graph.outputs.map(({ source }) => source), ...guards];
}
