/** How rewriters work, and the driver that runs them. */
import type { Endpoint, GraphNode, SignatureGraph } from '../graph/graph.js';
import { allNodes, applyReplacements, Replacements } from '../graph/rewire.js';
import { GraphView } from './graph-view.js';

/**
 * Returns what stands for each output of the node, or `undefined` where its pattern does not end at the node. It may add nodes, and
 * changes none.
 */
export type Rewriter = (node: GraphNode, view: GraphView) => readonly Endpoint[] | undefined;

/** Chains become shorter with each round. */
const MAX_ROUNDS = 1000;

/** Rewrites until nothing changes. Returns how often the pattern was found. */
export function applyRewriter(graph: SignatureGraph, rewriter: Rewriter): number {
  let found = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const nodes = allNodes(graph);
    const view = new GraphView(graph, nodes);
    const replacements = new Replacements();
    const consumed = new Set<GraphNode>();
    for (const node of nodes) {
      // A pattern that ends in a node which another one has replaced is found in the next round.
      if (node.inputs.some((input) => consumed.has(input.node))) continue;
      const results = rewriter(node, view);
      if (results === undefined) continue;
      consumed.add(node);
      for (const [index, result] of results.entries()) replacements.set({ node, index }, result);
    }
    if (consumed.size === 0) break;
    found += consumed.size;
    applyReplacements(graph, nodes, replacements);
    applyReplacements(graph, allNodes(graph), replacements);
  }
  return found;
}
