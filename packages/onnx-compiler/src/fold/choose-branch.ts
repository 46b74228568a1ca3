/** Control flow whose way is known at load. */
import type { Endpoint, GraphNode, Subgraph } from '../graph/graph.js';
import { allNodesOf } from '../graph/rewire.js';

/** Returns the results of the branch that a constant chooses, with the node's inputs for the branch's arguments. */
export function chooseBranch(node: GraphNode, inputs: readonly Endpoint[]): readonly Endpoint[] | undefined {
  if (node.subgraphs === undefined) return undefined;
  if (node.op === 'While') return skippedLoop(node.subgraphs, inputs);
  const choice = inputs[0]?.node.constant;
  if (choice?.shape.length !== 0 || (choice.dtype !== 'bool' && choice.dtype !== 'int32')) return undefined;
  const value = Number(choice.tensor().data[0 as never]);
  const branch = chosenBranch(node, node.subgraphs, value);
  return branch && placeBranch(branch, inputs.slice(1));
}

function chosenBranch(
  node: GraphNode,
  subgraphs: Readonly<Record<string, Subgraph>>,
  value: number,
): Subgraph | undefined {
  if (node.op === 'If') return subgraphs[value === 0 ? 'else_branch' : 'then_branch'];
  if (node.op !== 'Case') return undefined;
  const last = Object.keys(subgraphs).length - 1;
  return subgraphs[`branch_${value < 0 || value > last ? last : value}`];
}

/** A loop whose condition is constant and false returns its inputs. */
function skippedLoop(
  subgraphs: Readonly<Record<string, Subgraph>>,
  inputs: readonly Endpoint[],
): readonly Endpoint[] | undefined {
  const condition = subgraphs.cond?.results[0]?.node.constant;
  if (condition?.dtype !== 'bool' || condition.shape.length !== 0) return undefined;
  return condition.tensor().data[0 as never] ? undefined : inputs;
}

/** Puts inputs in the place of a branch's arguments. The node is dropped, so its branch may be changed. */
function placeBranch(branch: Subgraph, inputs: readonly Endpoint[]): readonly Endpoint[] {
  const byArgument = new Map(branch.arguments.map((argument, i) => [argument, inputs[i]!]));
  const place = (endpoint: Endpoint): Endpoint => byArgument.get(endpoint.node) ?? endpoint;
  for (const node of allNodesOf(branch)) {
    node.inputs = node.inputs.map(place);
    for (const inner of Object.values<Subgraph>(node.subgraphs ?? {})) inner.results = inner.results.map(place);
  }
  return branch.results.map(place);
}
