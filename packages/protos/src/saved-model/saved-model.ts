/** `saved_model.pb` and `saved_model.pbtxt`: what serving needs of them, which is all but the graph. */

import type { SignatureDefMap } from '@serving/core/extend';
import { ServingError } from '@serving/core/portable';
import type { Messages } from '../gen/messages.js';
import { decodeMessage, parseMessageText } from '../messages/message.js';
import { withoutBlocks } from '../text/strip-text-fields.js';
import { toSignatureDefMap } from './signature-def.js';
import { UNREADABLE_HINT } from './unreadable-hint.js';

/** One way of using a SavedModel: a graph (not kept here) with its signatures. */
export interface MetaGraph {
  /** As in the file; serving compares them as a set. */
  readonly tags: readonly string[];
  /** The TensorFlow release that wrote it; `''` when there is none. */
  readonly tensorflowVersion: string;
  readonly signatureDefs: SignatureDefMap;
  /** The operation that reads the checkpoint `variables/variables`; `''` for a graph without variables. */
  readonly restoreOpName: string;
}

/** The content of a `saved_model.pb`, without its graphs. */
export interface SavedModel {
  /** 1 in every file so far. */
  readonly schemaVersion: number;
  readonly metaGraphs: readonly MetaGraph[];
}

/** Where the megabytes of a text file lie. All of them are reserved names: what isn't cut the parser skips. */
const unreadBlocks: ReadonlySet<string> = new Set([
  'graph_def',
  'object_graph_def',
  'collection_def',
  'stripped_op_list',
]);

/**
 * Decodes a binary SavedModel. Graphs are skipped, not decoded, and the result shares no memory with `bytes`.
 *
 * @param path named in the error.
 * @throws ServingError `DATA_LOSS` for bytes that are not a SavedModel, or are cut off.
 */
export function decodeSavedModel(bytes: Uint8Array, path: string): SavedModel {
  return read(`Can't parse ${path} as binary proto`, () => decodeMessage('tensorflow.SavedModel', bytes));
}

/**
 * Parses a SavedModel in protobuf text format. Graphs are skipped here too.
 *
 * @param path named in the error.
 * @throws ServingError `DATA_LOSS` for a text that is not a SavedModel.
 */
export function parseSavedModelText(text: string, path: string): SavedModel {
  return read(`Can't parse ${path} as text proto`, () =>
    parseMessageText('tensorflow.SavedModel', withoutBlocks(text, unreadBlocks)),
  );
}

function read(failure: string, parse: () => Messages['tensorflow.SavedModel']): SavedModel {
  let message: Messages['tensorflow.SavedModel'];
  try {
    message = parse();
  } catch (cause) {
    throw new ServingError('DATA_LOSS', `${failure} (${ServingError.from(cause).message})`, {
      cause,
      hint: UNREADABLE_HINT,
    });
  }
  return {
    schemaVersion: Number(message.savedModelSchemaVersion ?? 0n),
    metaGraphs: (message.metaGraphs ?? []).map(({ metaInfoDef, saverDef, signatureDef }) => ({
      tags: metaInfoDef?.tags ?? [],
      tensorflowVersion: metaInfoDef?.tensorflowVersion ?? '',
      signatureDefs: toSignatureDefMap(signatureDef),
      restoreOpName: saverDef?.restoreOpName ?? '',
    })),
  };
}
