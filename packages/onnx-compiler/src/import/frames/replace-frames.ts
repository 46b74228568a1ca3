/** Replaces control flow of TensorFlow 1 by that of TensorFlow 2. */
import type { Endpoint, GraphNode, Guard, SignatureGraph, Subgraph } from '../../graph/graph.js';
import { graphRoots, nodesInOrder } from '../../graph/node-order.js';
import { allNodes, applyReplacements, Replacements } from '../../graph/rewire.js';
import { makeNode } from '../../op-defs/make-node.js';
import type { ControlNode } from '../control/control-bodies.js';
import { type BranchSide, branchesOfMerge, type FindPivot } from './branches-of-merges.js';
import { cloneRegion } from './clone-region.js';
import { findFrames, loopOfFrame } from './loops-of-frames.js';
import { listsOfArrays } from './tensor-arrays.js';

/** What the replacement asks about nodes of the file. */
export interface FrameContext {
  /** The call that a node was instantiated in. */
  scopeOf(node: GraphNode): string;
  readonly findPivot: FindPivot;
}

/** More loops and conditionals than any model has; what is left is refused. */
const MAX_REPLACEMENTS = 2000;

/** Loops become `While`, merges `If`, arrays lists. Returns the nodes that were made. */
export function replaceFrames(graph: SignatureGraph, context: FrameContext): ControlNode[] {
  const made: GraphNode[] = [];
  if (!allNodes(graph).some(({ op }) => /^(Ref)?(Switch|Merge|Enter)$/.test(op))) return [];
  replace(graph, listsOfArrays(allNodes(graph)));
  while (made.length < MAX_REPLACEMENTS && replaceInnermost(graph, context, made)) {}
  const regions = made.flatMap((loop) => Object.values<Subgraph>(loop.subgraphs!));
  replaceMerges(graph, graphRoots(graph), context.findPivot, made);
  for (const { results } of regions) replaceMerges(graph, results, context.findPivot, made);
  for (const [i, guard] of graph.guards.entries()) graph.guards[i] = withoutSwitches(guard, i);
  return made.map((node) => ({ node, outerGuards: [], guards: {} }));
}

/** Replaces a loop without loops in its body; `false` where there is none. */
function replaceInnermost(graph: SignatureGraph, context: FrameContext, made: GraphNode[]): boolean {
  const nodes = allNodes(graph);
  const users = usersOf(nodes);
  for (const frame of findFrames(nodes, context.scopeOf)) {
    const found = loopOfFrame(frame, users);
    if (!found) continue;
    replace(graph, found.exits);
    made.push(found.loop);
    return true;
  }
  return false;
}

function replace(graph: SignatureGraph, pairs: readonly [Endpoint, Endpoint][]): void {
  const replacements = new Replacements();
  for (const [from, to] of pairs) replacements.set(from, to);
  const added = pairs.flatMap(([, to]) => [
    to.node,
    ...Object.values<Subgraph>(to.node.subgraphs ?? {}).flatMap(nodesOf),
  ]);
  applyReplacements(graph, [...new Set([...allNodes(graph), ...added])], replacements);
}

function nodesOf({ results }: Subgraph): GraphNode[] {
  return nodesInOrder(results);
}

function usersOf(nodes: readonly GraphNode[]): Map<GraphNode, GraphNode[]> {
  const users = new Map<GraphNode, GraphNode[]>();
  for (const node of nodes) {
    for (const { node: input } of node.inputs) {
      const known = users.get(input);
      if (known) known.push(node);
      else users.set(input, [node]);
    }
  }
  return users;
}

/** Inner conditionals first: they are among the inputs of those around them. */
function replaceMerges(
  graph: SignatureGraph,
  roots: readonly Endpoint[],
  findPivot: FindPivot,
  made: GraphNode[],
): void {
  for (const merge of nodesInOrder(roots)) {
    if (!/^(Ref)?Merge$/.test(merge.op) || made.length > MAX_REPLACEMENTS) continue;
    const pairs = branchesOfMerge(merge, findPivot);
    if (!pairs) continue;
    made.push(pairs[0]![1].node);
    replace(graph, pairs);
  }
}

/** A condition that is checked in a branch holds wherever the other branch is taken. */
function withoutSwitches(guard: Guard, number: number): Guard {
  const sides: BranchSide[] = [];
  const place = ({ node, index }: Endpoint): Endpoint | undefined => {
    if (node.op !== 'Switch') return undefined;
    let source = { node, index };
    while (source.node.op === 'Switch') {
      const found: BranchSide = { predicate: source.node.inputs[1]!, side: source.index };
      if (!sides.some((other) => isSameSide(other, found))) sides.push(found);
      source = source.node.inputs[0]!;
    }
    return source;
  };
  let condition = cloneRegion(guard.condition, place);
  const message = guard.message.map((part) => (typeof part === 'string' ? part : cloneRegion(part, place)));
  for (const [i, { predicate, side }] of sides.entries()) {
    const name = `guard_${number}/${i}`;
    const other = side === 0 ? predicate : { node: makeNode(`${name}/not`, 'LogicalNot', [predicate]), index: 0 };
    condition = { node: makeNode(`${name}/or`, 'LogicalOr', [other, condition]), index: 0 };
  }
  return { condition, message };
}

function isSameSide(a: BranchSide, b: BranchSide): boolean {
  return a.side === b.side && a.predicate.node === b.predicate.node && a.predicate.index === b.predicate.index;
}
