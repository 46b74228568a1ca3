/** Moves guards of control-flow bodies into the graph around them, where they are read from further outputs. */
import type { DataType } from '@serving/core/tensor';
import type { Endpoint, GraphNode, Guard } from '../../graph/graph.js';
import { constantNode } from '../../graph/new-node.js';
import { makeNode } from '../../op-defs/make-node.js';
import type { ControlNode } from './control-bodies.js';

/** Reports a guard that can't be moved. */
export type RefuseGuard = (node: GraphNode, reason: string) => void;

/** @param controlNodes outer ones first. */
export function liftGuards(controlNodes: readonly ControlNode[], refuse: RefuseGuard): void {
  for (const control of controlNodes.toReversed()) {
    for (const [body, guards] of Object.entries(control.guards)) {
      for (const guard of guards) liftGuard(control, body, guard, refuse);
    }
  }
}

function liftGuard(control: ControlNode, body: string, guard: Guard, refuse: RefuseGuard): void {
  const { node, outerGuards } = control;
  if (node.op !== 'While') {
    const message = guard.message.map((part) => (typeof part === 'string' ? part : shown(node, body, part)));
    outerGuards.push({ condition: branchOutput(node, body, guard.condition, 1), message });
  } else if (body === 'cond') {
    refuse(node, 'an assertion in the condition of a loop');
  } else {
    // A loop's values are gone when it ends.
    const message = guard.message.map((part) => (typeof part === 'string' ? part : '?'));
    outerGuards.push({ condition: loopOutput(node, guard.condition), message });
  }
}

function shown(node: GraphNode, body: string, part: Endpoint): Endpoint | string {
  const { dtype } = part.node.outputs[part.index]!;
  return placeholders[dtype] ? branchOutput(node, body, part, 0) : '?';
}

/** Adds an output that is `endpoint` in one branch and a scalar in the others. */
function branchOutput(node: GraphNode, body: string, endpoint: Endpoint, otherwise: 0 | 1): Endpoint {
  const { dtype } = endpoint.node.outputs[endpoint.index]!;
  const index = node.outputs.length;
  for (const [name, branch] of Object.entries(node.subgraphs!)) {
    const other = (): GraphNode => scalar(`${node.name}/${name}/output_${index}`, dtype, otherwise);
    branch.results.push(name === body ? endpoint : { node: other(), index: 0 });
  }
  node.outputs.push({ dtype, shape: otherwise === 1 ? [] : undefined });
  return { node, index };
}

/** Adds a variable to a loop's state that stays true as long as the condition holds. */
function loopOutput(node: GraphNode, condition: Endpoint): Endpoint {
  const { cond, body } = node.subgraphs!;
  const index = node.outputs.length;
  const state = { dtype: 'bool' as const, shape: [] };
  for (const [name, graph] of Object.entries({ cond: cond!, body: body! })) {
    graph.arguments.push({
      op: '_Argument',
      name: `${node.name}/${name}/argument_${index}`,
      attributes: new Map(),
      inputs: [],
      outputs: [{ ...state }],
    });
  }
  const before = { node: body!.arguments.at(-1)!, index: 0 };
  const holds = makeNode(`${node.name}/body/holds_${index}`, 'LogicalAnd', [before, condition]);
  body!.results.push({ node: holds, index: 0 });
  node.inputs.push({ node: scalar(`${node.name}/input_${index}`, 'bool', 1), index: 0 });
  node.outputs.push({ ...state });
  return { node, index };
}

const placeholders: Partial<Record<DataType, (value: number) => Parameters<typeof constantNode>[1]>> = {
  bool: (value) => ({ dtype: 'bool', shape: [], data: Uint8Array.of(value) }),
  float: (value) => ({ dtype: 'float', shape: [], data: Float32Array.of(value) }),
  double: (value) => ({ dtype: 'double', shape: [], data: Float64Array.of(value) }),
  int32: (value) => ({ dtype: 'int32', shape: [], data: Int32Array.of(value) }),
  int64: (value) => ({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(value)) }),
};

function scalar(name: string, dtype: DataType, value: number): GraphNode {
  return constantNode(name, placeholders[dtype]!(value));
}
