/** When each node runs: in which stage of TypeScript or in which ONNX model. */
import type { GraphNode } from '../graph/graph.js';
import type { NodeDependencies } from '../graph/node-dependencies.js';
import { allNodesOf } from '../graph/rewire.js';
import { groupBy } from './group-by.js';
import { isSource, stageNodes } from './stage-operations.js';

/** Phases of nodes: even ones are stages of TypeScript, odd ones are ONNX models, and they run in this order. Constants have none. */
export type Phases = ReadonlyMap<GraphNode, number>;

/** Says whether TypeScript can run an operation, and whether ONNX can. */
export interface Abilities {
  hasKernel(op: string): boolean;
  hasEmitter(op: string): boolean;
}

/**
 * Assigns phases. Operations on numbers that a later stage needs run in its stage when all that they need is there already; so do those
 * of a model in which every operation has a kernel, when the signature has stages anyway; so do operations without an ONNX form.
 */
export function assignPhases(dependencies: NodeDependencies, abilities: Abilities): Phases {
  const stage = stageNodes(dependencies.order);
  const work = dependencies.order.filter((node) => !isSource(node));
  const canRun = (node: GraphNode) => canRunAll(node, abilities);
  for (const node of work)
    if (node.subgraphs === undefined && !abilities.hasEmitter(node.op) && canRun(node)) stage.add(node);
  if (stage.size === 0) return phasesOf(dependencies, stage, () => false);
  const needed = neededBy(stage, dependencies);
  for (;;) {
    const phases = phasesOf(dependencies, stage, (node) => needed.has(node) && canRun(node));
    const models = groupBy(
      work.filter((node) => phases.get(node)! % 2 === 1),
      (node) => phases.get(node)!,
    );
    const small = [...models.values()].find((nodes) => nodes.every(canRun));
    if (small === undefined) return phases;
    for (const node of small) stage.add(node);
  }
}

/** Whether TypeScript can run a node, with all that its bodies do. */
function canRunAll(node: GraphNode, abilities: Abilities): boolean {
  if (node.subgraphs === undefined) return abilities.hasKernel(node.op);
  const inner = Object.values(node.subgraphs).flatMap(allNodesOf);
  return inner.every((each) => isSource(each) || each.subgraphs !== undefined || abilities.hasKernel(each.op));
}

/** All nodes that nodes of the set depend on. */
function neededBy(stage: ReadonlySet<GraphNode>, dependencies: NodeDependencies): Set<GraphNode> {
  const needed = new Set<GraphNode>();
  for (const node of dependencies.order.toReversed()) {
    if (stage.has(node) || needed.has(node)) for (const need of dependencies.of(node)) needed.add(need.node);
  }
  return needed;
}

function phasesOf(
  dependencies: NodeDependencies,
  stage: ReadonlySet<GraphNode>,
  prefersStage: (node: GraphNode) => boolean,
): Map<GraphNode, number> {
  const phases = new Map<GraphNode, number>();
  for (const node of dependencies.order) {
    if (node.op === 'Const') continue;
    const latest = Math.max(0, ...dependencies.of(node).map((need) => phases.get(need.node) ?? 0));
    const isAfterStage = latest % 2 === 0;
    if (isSource(node)) phases.set(node, 0);
    else if (stage.has(node) || (isAfterStage && prefersStage(node)))
      phases.set(node, isAfterStage ? latest : latest + 1);
    else phases.set(node, isAfterStage ? latest + 1 : latest);
  }
  return phases;
}
