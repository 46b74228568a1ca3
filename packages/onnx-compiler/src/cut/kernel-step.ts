/** Steps that run one node in TypeScript. */
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { type BodyBuilding, makeNodeKernel } from '../kernels/control/body-program.js';
import type { KernelContext } from '../kernels/kernel.js';
import { withConstants } from '../kernels/with-constants.js';
import type { KernelStep } from '../program/program.js';
import type { ValuePlaces } from './value-places.js';

/**
 * The step of a node. Its constants are bound to the kernel; what the node's bodies use from around it follows the other inputs.
 * `undefined` with the reasons among the refusals when it can't run in TypeScript.
 */
export function kernelStep(
  node: GraphNode,
  captures: readonly Endpoint[],
  places: ValuePlaces,
  building: BodyBuilding,
): KernelStep | undefined {
  const inputs = [...node.inputs, ...captures];
  const constants = inputs.map((input) => input.node.constant?.tensor());
  const context: KernelContext = { attributes: node.attributes, node: node.name, table: node.table, constants };
  const kernel = makeNodeKernel(node, captures, context, building);
  if (kernel === undefined) return undefined;
  return {
    kind: 'kernel',
    op: node.op,
    node: node.name,
    kernel: withConstants(kernel, constants),
    context,
    inputs: inputs.filter((_, i) => constants[i] === undefined).map((input) => places.of(input)),
    outputs: node.outputs.map((_, index) => places.of({ node, index })),
  };
}
