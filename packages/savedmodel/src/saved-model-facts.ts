/** What is to be known of a graph while its model is served, as plain data: the graph itself is large. */
import type { SignatureDefMap } from '@serving/core/extend';
import type { SharedSession } from '@serving/engine';
import type { GraphOutline } from '@serving/protos/saved-model';
import { type EmptyRequestsRule, type PaddedSignatures, paddedSignatures } from './empty-requests.js';
import { type GraphGuardFacts, guardFactsOf } from './graph/graph-guard.js';
import { RunEffectsOfGraph } from './graph/run-effects.js';
import { fetchesOf, toSignatures } from './signatures.js';

/** Found out once per load, and posted to serving threads. */
export interface SavedModelFacts {
  /** Names of signatures that change what later runs see. */
  readonly stateful: ReadonlySet<string>;
  readonly guard: GraphGuardFacts;
  readonly padded: PaddedSignatures;
}

/** A servable for other threads. */
export interface SharedSavedModel {
  readonly session: SharedSession;
  readonly signatureDefs: SignatureDefMap;
  readonly facts: SavedModelFacts | undefined;
  readonly options: { readonly enableSignatureMethodNameCheck: boolean; readonly tags: readonly string[] };
  readonly model: string | undefined;
  readonly engine: string | undefined;
}

export function savedModelFacts(
  graph: GraphOutline,
  signatureDefs: SignatureDefMap,
  rule: EmptyRequestsRule,
): SavedModelFacts {
  const effects = new RunEffectsOfGraph(graph);
  const stateful = new Set<string>();
  for (const [name, def] of signatureDefs) if (effects.of(fetchesOf(def)).changesState) stateful.add(name);
  const signatures = toSignatures(signatureDefs, stateful);
  return {
    stateful,
    guard: guardFactsOf(graph, signatures, signatureDefs),
    padded: paddedSignatures(effects, signatures, signatureDefs, rule),
  };
}
