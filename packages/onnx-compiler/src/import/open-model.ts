/** Opens a SavedModel for the import of its signatures. */
import { type BeforeRead, Checkpoint } from '../bundle/checkpoint.js';
import type { Refusal } from '../program/program.js';
import { type MetaGraphDef, readMetaGraphDef } from '../saved-model/meta-graph-def.js';
import { type Assignment, type ImportedSignature, importSignature } from './import-signature.js';
import { ModelState } from './state/model-state.js';

/** A meta graph with its variables. */
export interface OpenModel {
  readonly metaGraph: MetaGraphDef;
  /** Names of signatures that requests may ask for. */
  readonly signatureNames: readonly string[];
  /**
   * Imports a signature. One that sets a variable is refused when a signature of the model reads that variable.
   *
   * @throws ServingError `NOT_FOUND` for an unknown signature, `DATA_LOSS` for a graph or checkpoint that is damaged.
   */
  importSignature(name: string): Pick<ImportedSignature, 'graph' | 'refusals'>;
}

/** Signatures that TensorFlow writes for itself. */
const internalSignatures: ReadonlySet<string> = new Set(['__saved_model_init_op', '__saved_model_train_op']);

/**
 * Reads the meta graph of `directory` whose tags are exactly `tags`, and opens its checkpoint.
 *
 * @param beforeRead - called before each read of a weight
 * @throws ServingError `NOT_FOUND` without a SavedModel or such a meta graph, `DATA_LOSS` for damaged files, `UNIMPLEMENTED` for an
 * initialisation that can't be followed.
 */
export async function openModel(
  directory: string,
  tags: readonly string[],
  beforeRead?: BeforeRead,
): Promise<OpenModel> {
  const metaGraph = await readMetaGraphDef(directory, tags);
  const state = new ModelState(metaGraph, await Checkpoint.open(directory, beforeRead));
  const signatureNames = [...metaGraph.signatures.keys()].filter((name) => !internalSignatures.has(name));
  const imported = new Map<string, ImportedSignature>();
  const importOnce = (name: string): ImportedSignature => {
    const signature = imported.get(name) ?? importSignature(metaGraph, state, name);
    imported.set(name, signature);
    return signature;
  };
  return {
    metaGraph,
    signatureNames,
    importSignature: (name) => {
      const { graph, refusals, assignments } = importOnce(name);
      const isRead = ({ variable }: Assignment): boolean =>
        signatureNames.some((other) => importOnce(other).variablesRead.has(variable));
      const observable = assignments
        .filter(isRead)
        .map(({ op, node }): Refusal => ({ op, node, reason: 'the signature changes state' }));
      imported.delete(name);
      return { ...(graph && { graph }), refusals: [...refusals, ...observable] };
    },
  };
}
