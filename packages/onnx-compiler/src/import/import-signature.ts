/** One signature of a meta graph as a graph without functions, variables and control edges. */
import { ServingError } from '@serving/core';
import type { SignatureDef } from '@serving/core/extend';
import { findCycle } from '../graph/find-cycle.js';
import type { Endpoint, GraphNode, SignatureGraph, SignatureInput } from '../graph/graph.js';
import { allNodes, applyReplacements, Replacements } from '../graph/rewire.js';
import { opDef } from '../op-defs/op-def.js';
import type { Refusal } from '../program/program.js';
import type { MetaGraphDef } from '../saved-model/meta-graph-def.js';
import type { NodeDef } from '../saved-model/node-def.js';
import { ResourceBinder } from './bind-resources.js';
import { liftGuards } from './control/lift-guards.js';
import { pruneControlFlow } from './control/prune-control-flow.js';
import { SourceTrace } from './control/source-trace.js';
import { effectRefusal, isAssignment } from './effects.js';
import { unusualForm } from './frames/clone-region.js';
import { findPivot } from './frames/find-pivot.js';
import { replaceFrames } from './frames/replace-frames.js';
import type { Place } from './import-session.js';
import { Importer } from './importer.js';
import { lowerLists } from './lists/lower-lists.js';
import type { Scope } from './scope.js';
import { fetchedTensors, signatureInputs } from './signature-tensors.js';
import { assetFeeds, type ModelState } from './state/model-state.js';
import { resourceKind } from './state/resource-identity.js';
import { dataInputs } from './tensor-name.js';

/** What became of a signature. */
export interface ImportedSignature {
  /** Absent where the signature can't be followed at all. With refusals it is incomplete. */
  readonly graph?: SignatureGraph;
  /** Why it can't be compiled, in the order in which it was found. */
  readonly refusals: readonly Refusal[];
  /** What it sets. Assignments matter only if a signature reads the variable. */
  readonly assignments: readonly Assignment[];
  /** Identities of variables. */
  readonly variablesRead: ReadonlySet<string>;
}

/** An operation that sets a variable when the signature runs. */
export interface Assignment {
  readonly op: string;
  readonly node: string;
  readonly variable: string;
}

/**
 * Imports a signature.
 *
 * @throws ServingError `NOT_FOUND` for an unknown signature, `DATA_LOSS` for a graph or checkpoint that is damaged.
 */
export function importSignature(metaGraph: MetaGraphDef, state: ModelState, name: string): ImportedSignature {
  const signature = metaGraph.signatures.get(name);
  if (!signature) {
    const known = [...metaGraph.signatures.keys()].map((key) => `"${key}"`).join(', ');
    throw new ServingError('NOT_FOUND', `Unknown signature "${name}"; the model has ${known || 'none'}`);
  }
  try {
    return importKnown(metaGraph, state, name, signature);
  } catch (error) {
    if (!(error instanceof ServingError) || error.code !== 'UNIMPLEMENTED') throw error;
    const refusals = [{ op: 'signature', node: name, reason: error.message }];
    return { refusals, assignments: [], variablesRead: new Set() };
  }
}

function importKnown(
  metaGraph: MetaGraphDef,
  state: ModelState,
  name: string,
  signature: SignatureDef,
): ImportedSignature {
  const inputs = signatureInputs(signature);
  const changes: Place[] = [];
  const importer = new Importer(metaGraph, {
    feeds: feedsOf(metaGraph, inputs),
    onStateChange: (place) => changes.push(place),
  });
  const outputs = fetchedTensors(signature).map((output) => ({ ...output, source: importer.tensor(output.tensor) }));
  importer.finish();
  const handles = changes.map(({ scope, definition }) => assignedHandle(importer, scope, definition));
  importer.finish();
  const graph: SignatureGraph = { name, inputs, outputs, guards: importer.guards };
  const replaced = replaceFrames(graph, {
    scopeOf: (node) => importer.places.get(node)?.scope.prefix ?? '',
    findPivot: (merge, input) => findPivot(importer, importer.places, merge, input),
  });
  importer.finish();
  liftGuards(importer.controlNodes, ({ op, name: node }, reason) => importer.refuse(op, node, reason));
  const trace = new SourceTrace([...importer.controlNodes, ...replaced]);
  const binder = new ResourceBinder(importer, state, trace);
  binder.bind(graph);
  placeConstants(graph, trace);
  lowerLists(graph, ({ op, name: node }, reason) => importer.refuse(op, node, reason));
  pruneControlFlow(graph);
  for (const node of allNodes(graph)) checkNode(node, importer);
  if (importer.refusals.length === 0) throwIfCyclic(graph);
  const assignments: Assignment[] = [];
  for (const [i, { scope, definition }] of changes.entries()) {
    const handle = handles[i];
    const variable = handle && state.identityOf(handle, trace, importer);
    const node = scope.prefix + definition.name;
    if (variable !== undefined) assignments.push({ op: definition.op, node, variable });
    else importer.refuse(definition.op, node, effectRefusal(definition.op)!);
  }
  return { graph, refusals: importer.refusals, assignments, variablesRead: binder.variablesRead };
}

function throwIfCyclic(graph: SignatureGraph): void {
  const cycle = findCycle(graph);
  if (cycle === undefined) return;
  const names = [...cycle, cycle[0]!].map(({ name }) => name).join(' → ');
  throw new ServingError('DATA_LOSS', `Nodes of signature "${graph.name}" wait for each other: ${names}`);
}

/** The variable that a node sets; `undefined` for other changes of state. */
function assignedHandle(importer: Importer, scope: Scope, { op, inputs }: NodeDef): Endpoint | undefined {
  const [handle] = dataInputs(inputs);
  return isAssignment(op) && handle !== undefined ? importer.resolve(scope, handle) : undefined;
}

/** A tensor that is fed as well as an asset is an input. */
function feedsOf(metaGraph: MetaGraphDef, inputs: readonly SignatureInput[]): Map<string, Endpoint> {
  const feeds = assetFeeds(metaGraph);
  for (const { tensor, node } of inputs) feeds.set(tensor, { node, index: 0 });
  return feeds;
}

/** Puts constants that come into bodies as arguments in the place of these. */
function placeConstants(graph: SignatureGraph, trace: SourceTrace): void {
  const nodes = allNodes(graph);
  const replacements = new Replacements();
  for (const node of nodes) {
    if (node.op !== '_Argument' && node.subgraphs === undefined) continue;
    for (const index of node.outputs.keys()) {
      const source = trace.sourceOf({ node, index });
      if (source.node.op === 'Const') replacements.set({ node, index }, source);
    }
  }
  applyReplacements(graph, nodes, replacements);
}

/** Attributes of control flow that its bodies stand for, or that outputs show. */
const bodyAttributes: ReadonlySet<string> = new Set(
  'cond body then_branch else_branch branches T Tin Tout output_shapes'.split(' '),
);

/** What is left of control flow of TensorFlow 1. */
const frameOperations = /^(Ref)?(Switch|Merge|Enter|Exit|NextIteration)$|^LoopCond$/;

function checkNode(node: GraphNode, importer: Importer): void {
  const { op, name, outputs } = node;
  if (op.startsWith('_') && op !== '_Arg' && op !== '_Retval') return;
  if (!opDef(op)) importer.refuse(op, name, 'unknown operator');
  else if (op.startsWith('Placeholder')) {
    importer.refuse(op, name, 'needs a value, but the signature does not feed it');
  } else {
    const effect = frameOperations.test(op) ? unusualForm : effectRefusal(op);
    if (effect !== undefined) importer.refuse(op, name, effect);
    else if (!resourceKind(op) && outputs.some(({ dtype }) => dtype === 'resource'))
      importer.refuse(op, name, 'resource chosen by data');
  }
  if (node.subgraphs) {
    node.attributes = new Map(Array.from(node.attributes).filter(([key]) => !bodyAttributes.has(key)));
  }
}
