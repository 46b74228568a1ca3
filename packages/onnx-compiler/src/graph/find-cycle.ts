/** Looks for nodes that wait for each other, which only damaged graphs have. */
import type { GraphNode, SignatureGraph } from './graph.js';
import { graphRoots } from './node-order.js';

interface Visit {
  readonly node: GraphNode;
  readonly needs: readonly GraphNode[];
  next: number;
}

/** Returns the nodes of a cycle, each needed by the one after it; `undefined` where there is none. Bodies of control flow are entered. */
export function findCycle(graph: SignatureGraph): readonly GraphNode[] | undefined {
  const done = new Set<GraphNode>();
  const open = new Set<GraphNode>();
  for (const { node: root } of graphRoots(graph)) {
    if (done.has(root)) continue;
    const path: Visit[] = [visit(root, open)];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const need = top.needs[top.next++];
      if (need === undefined) {
        open.delete(top.node);
        done.add(top.node);
        path.pop();
      } else if (open.has(need)) {
        const nodes = path.map(({ node }) => node);
        return nodes.slice(nodes.indexOf(need)).reverse();
      } else if (!done.has(need)) path.push(visit(need, open));
    }
  }
  return undefined;
}

function visit(node: GraphNode, open: Set<GraphNode>): Visit {
  open.add(node);
  const results = Object.values(node.subgraphs ?? {}).flatMap((body) => body.results);
  return { node, needs: [...node.inputs, ...results].map((endpoint) => endpoint.node), next: 0 };
}
