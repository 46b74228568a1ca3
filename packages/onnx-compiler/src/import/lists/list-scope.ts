/** Which loops and lists stay as they are: those of strings and images, which run as stages. */
import type { GraphNode } from '../../graph/graph.js';
import { allNodesOf } from '../../graph/rewire.js';

const mediaOperations = /^(Decode|Encode)|^ExtractJpegShape$/;

/** Nodes of lists that share an element with a loop over strings or images. */
export function stageLists(nodes: readonly GraphNode[]): ReadonlySet<GraphNode> {
  const neighbours = new Map<GraphNode, GraphNode[]>();
  const link = (a: GraphNode, b: GraphNode): void => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const known = neighbours.get(from);
      if (known) known.push(to);
      else neighbours.set(from, [to]);
    }
  };
  for (const node of nodes) {
    for (const { node: input, index } of node.inputs) if (isVariant(input, index)) link(node, input);
    for (const { arguments: list, results } of Object.values(node.subgraphs ?? {})) {
      for (const argument of list) if (isVariant(argument, 0)) link(node, argument);
      for (const { node: result, index } of results) if (isVariant(result, index)) link(node, result);
    }
  }
  const kept = new Set(nodes.filter(isStage));
  for (const node of kept) for (const next of neighbours.get(node) ?? []) kept.add(next);
  return kept;
}

function isVariant(node: GraphNode, index: number): boolean {
  return node.outputs[index]?.dtype === 'variant';
}

function isStage(node: GraphNode): boolean {
  if (!node.subgraphs) return node.op.startsWith('TensorList') && usesStrings(node);
  return Object.values(node.subgraphs).some((body) => allNodesOf(body).some(usesStrings));
}

function usesStrings({ op, inputs, outputs, attributes, table }: GraphNode): boolean {
  const type = attributes.get('element_dtype');
  return (
    table !== undefined ||
    mediaOperations.test(op) ||
    (type?.kind === 'type' && type.value === 'string') ||
    outputs.some(({ dtype }) => dtype === 'string') ||
    inputs.some(({ node, index }) => node.outputs[index]?.dtype === 'string')
  );
}
