/** Sizes of transposed convolutions that are a multiple of their input's. */
import { intsAttribute } from '../graph/attribute-readers.js';
import type { GraphNode, SignatureGraph } from '../graph/graph.js';
import { allNodes } from '../graph/rewire.js';
import { multiplyDimensions, sameDimension } from '../shapes/dimension.js';
import type { ShapeFacts } from '../shapes/infer-shapes.js';
import { imageLayout } from '../shapes/window-shapes.js';

const transposed = new Set(['Conv2DBackpropInput', 'Conv2DBackpropInputV2', 'Conv3DBackpropInputV2']);

/**
 * Sets `_is_multiple` of transposed convolutions whose result is as large as the input times the stride in every request, though
 * neither size is known.
 */
export function markMultiples(graph: SignatureGraph, facts: ShapeFacts): void {
  for (const node of allNodes(graph)) {
    if (!transposed.has(node.op) || !isMultiple(node, facts)) continue;
    node.attributes = new Map(node.attributes).set('_is_multiple', { kind: 'bool', value: true });
  }
}

function isMultiple(node: GraphNode, facts: ShapeFacts): boolean {
  const [from, to] = [facts.dimensions(node.inputs[2]!), facts.dimensions({ node, index: 0 })];
  if (from === undefined || to?.length !== from.length) return false;
  const strides = intsAttribute(node.attributes, 'strides', []);
  return imageLayout({ node }, from.length).spatial.every((dimension) =>
    sameDimension(multiplyDimensions(from[dimension]!, strides[dimension] ?? 1), to[dimension]!),
  );
}
