/** Copies the part of a graph between some tensors and a result. */
import { ServingError } from '@serving/core';
import type { Endpoint, GraphNode } from '../../graph/graph.js';

/**
 * Copies a result with every node that depends on a tensor for which `place` returns another one; other nodes are shared.
 *
 * @throws ServingError `UNIMPLEMENTED` for a loop that no such tensor cuts.
 */
export function cloneRegion(result: Endpoint, place: (endpoint: Endpoint) => Endpoint | undefined): Endpoint {
  const clones = new Map<GraphNode, GraphNode | 'open'>();
  const placed = (endpoint: Endpoint): Endpoint => {
    const other = place(endpoint);
    if (other) return other;
    return { node: clones.get(endpoint.node) as GraphNode, index: endpoint.index };
  };
  const stack: { readonly node: GraphNode; next: number }[] = [];
  const open = (endpoint: Endpoint): void => {
    const { node } = endpoint;
    if (place(endpoint)) return;
    const known = clones.get(node);
    if (known === 'open') throw new ServingError('UNIMPLEMENTED', unusualForm);
    if (known) return;
    clones.set(node, 'open');
    stack.push({ node, next: 0 });
  };
  open(result);
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const input = top.node.inputs[top.next++];
    if (input) open(input);
    else {
      clones.set(top.node, withInputs(top.node, top.node.inputs.map(placed)));
      stack.pop();
    }
  }
  return placed(result);
}

/** Why control flow of TensorFlow 1 is refused that its own API doesn't make. */
export const unusualForm = 'control flow of TensorFlow 1 in an unusual form';

function withInputs(node: GraphNode, inputs: Endpoint[]): GraphNode {
  const isSame = inputs.every(({ node: source }, i) => source === node.inputs[i]!.node);
  return isSame ? node : { ...node, inputs, outputs: node.outputs.map((output) => ({ ...output })) };
}
