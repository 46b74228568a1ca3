/** Conditionals of TensorFlow 1 as `If`. */
import type { Endpoint, GraphNode, Subgraph } from '../../graph/graph.js';
import { makeNode, typeValue } from '../../op-defs/make-node.js';
import { cloneRegion } from './clone-region.js';

/** A side of a conditional: 1 where its predicate is true. */
export interface BranchSide {
  readonly predicate: Endpoint;
  readonly side: number;
}

/** Finds the side of a branch that uses no tensor from outside, by its control edges. */
export type FindPivot = (merge: GraphNode, input: number) => BranchSide | undefined;

/** The `If` of a `Merge`, and what its outputs stand for; `undefined` for a merge that is none of a conditional. */
export function branchesOfMerge(merge: GraphNode, findPivot: FindPivot): [Endpoint, Endpoint][] | undefined {
  if (merge.inputs.length !== 2) return undefined;
  const sides = merge.inputs.map((input, i) => sideOf(input) ?? findPivot(merge, i));
  const known = sides.find((side) => side !== undefined);
  if (!known) return undefined;
  const { predicate } = known;
  const values = sides.map((side, i) => side?.side ?? 1 - sides[1 - i]!.side);
  if (values[0] === values[1] || sides.some((side) => side && !isSame(side.predicate, predicate))) return undefined;
  const whenTrue = merge.inputs[values[0] === 1 ? 0 : 1]!;
  const whenFalse = merge.inputs[values[0] === 1 ? 1 : 0]!;
  const inputs: Endpoint[] = [];
  for (const [result, side] of [
    [whenTrue, 1],
    [whenFalse, 0],
  ] as const) {
    for (const input of outsideTensors(result, predicate, side)) {
      if (!inputs.some((other) => isSame(other, input))) inputs.push(input);
    }
  }
  const node: GraphNode = {
    op: 'If',
    name: merge.name,
    attributes: new Map(),
    inputs: [predicate, ...inputs],
    outputs: [{ ...merge.outputs[0]! }],
    subgraphs: {
      then_branch: branch(`${merge.name}/then_branch`, whenTrue, inputs, predicate, 1),
      else_branch: branch(`${merge.name}/else_branch`, whenFalse, inputs, predicate, 0),
    },
  };
  node.outputs[0]!.dtype = whenTrue.node.outputs[whenTrue.index]!.dtype;
  const secondIsTrue = values[1] === 1;
  const taken = secondIsTrue ? predicate : { node: makeNode(`${merge.name}/not`, 'LogicalNot', [predicate]), index: 0 };
  const types = { SrcT: typeValue('bool'), DstT: typeValue('int32') };
  const place = makeNode(`${merge.name}/value_index`, 'Cast', [taken], types);
  return [
    [
      { node: merge, index: 0 },
      { node, index: 0 },
    ],
    [
      { node: merge, index: 1 },
      { node: place, index: 0 },
    ],
  ];
}

const isSwitch = ({ op }: GraphNode): boolean => op === 'Switch' || op === 'RefSwitch';
const isSame = (a: Endpoint, b: Endpoint): boolean => a.node === b.node && a.index === b.index;

/** The switch that a tensor depends on, through nodes other than switches. */
function sideOf(result: Endpoint): BranchSide | undefined {
  const seen = new Set<GraphNode>();
  const work = [result];
  for (let endpoint = work.pop(); endpoint; endpoint = work.pop()) {
    const { node, index } = endpoint;
    if (isSwitch(node)) return { predicate: node.inputs[1]!, side: index };
    if (seen.has(node)) continue;
    seen.add(node);
    work.push(...node.inputs);
  }
  return undefined;
}

/** What a branch takes from outside: through switches, or inputs of the graph itself. */
function outsideTensors(result: Endpoint, predicate: Endpoint, side: number): Endpoint[] {
  const found: Endpoint[] = [];
  const seen = new Set<GraphNode>();
  const work = [result];
  for (let endpoint = work.pop(); endpoint; endpoint = work.pop()) {
    const outside = fromOutside(endpoint, predicate, side);
    if (outside) found.push(outside);
    else if (!seen.has(endpoint.node)) {
      seen.add(endpoint.node);
      work.push(...endpoint.node.inputs);
    }
  }
  return found;
}

function fromOutside(endpoint: Endpoint, predicate: Endpoint, side: number): Endpoint | undefined {
  const { node, index } = endpoint;
  if (isSwitch(node) && index === side && isSame(node.inputs[1]!, predicate)) return node.inputs[0];
  return node.op === '_Input' || node.op === '_Argument' ? endpoint : undefined;
}

function branch(
  name: string,
  result: Endpoint,
  inputs: readonly Endpoint[],
  predicate: Endpoint,
  side: number,
): Subgraph {
  const nodes = inputs.map(({ node, index }, i): GraphNode => {
    const outputs = [{ ...node.outputs[index]! }];
    return { op: '_Argument', name: `${name}/argument_${i}`, attributes: new Map(), inputs: [], outputs };
  });
  const place = (endpoint: Endpoint): Endpoint | undefined => {
    const outside = fromOutside(endpoint, predicate, side);
    if (!outside) return undefined;
    return { node: nodes[inputs.findIndex((input) => isSame(input, outside))]!, index: 0 };
  };
  return { arguments: nodes, results: [cloneRegion(result, place)] };
}
