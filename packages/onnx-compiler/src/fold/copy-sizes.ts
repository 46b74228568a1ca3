/** Reshapes whose sizes follow from their input. */
import type { GraphNode, SignatureGraph } from '../graph/graph.js';
import { newNode } from '../graph/new-node.js';
import { allNodes, applyReplacements, Replacements } from '../graph/rewire.js';
import { productOf, sameDimension } from '../shapes/dimension.js';
import type { ShapeFacts } from '../shapes/infer-shapes.js';

/**
 * Replaces `Reshape` by `_Reshape`, whose sizes are an attribute, where sizes that are computed in the run are copied from the same
 * place of the input (0) or follow from the others (−1). Returns whether there was one.
 */
export function copySizes(graph: SignatureGraph, facts: ShapeFacts): boolean {
  const replacements = new Replacements();
  const nodes = allNodes(graph);
  for (const node of nodes) {
    const sizes = node.op === 'Reshape' && node.inputs[1]!.node.op !== 'Const' ? copiedSizes(node, facts) : undefined;
    if (sizes === undefined) continue;
    const shape = {
      kind: 'list',
      value: sizes.map((size) => ({ kind: 'int', value: BigInt(size) }) as const),
    } as const;
    const copying = newNode('_Reshape', node.name, [node.inputs[0]!], node.outputs, { shape });
    replacements.set({ node, index: 0 }, { node: copying, index: 0 });
  }
  if (replacements.size === 0) return false;
  applyReplacements(graph, nodes, replacements);
  applyReplacements(graph, allNodes(graph), replacements);
  return true;
}

function copiedSizes(node: GraphNode, facts: ShapeFacts): number[] | undefined {
  const [from, to] = [facts.dimensions(node.inputs[0]!), facts.dimensions({ node, index: 0 })];
  const asked = facts.vector(node.inputs[1]!);
  if (from === undefined || to === undefined || to.includes(0) || from.includes(0)) return undefined;
  const sizes = to.map((size, i) => {
    if (typeof size === 'number') return size;
    return from[i] !== undefined && sameDimension(from[i], size) ? 0 : -1;
  });
  // A size that TensorFlow would find wrong must not be inferred in its place.
  const isProven =
    sameDimension(productOf(from), productOf(to)) || sizes.every((size, i) => (size === -1) === (asked?.[i] === -1));
  return sizes.filter((size) => size === -1).length <= 1 && isProven ? sizes : undefined;
}
