/**
 * SavedModels on disk: {@link readSavedModel} reads signatures and meta graphs, {@link readSavedModelOutline} what `saved_model_cli` shows.
 *
 * @module @serving/protos/saved-model
 */

export type { GraphFunction, GraphNode, GraphOutline, OpOutline } from './saved-model/graph-outline.js';
export { decodeSavedModel, type MetaGraph, parseSavedModelText, type SavedModel } from './saved-model/saved-model.js';
export {
  checkVariables,
  readMetaGraph,
  readMetaGraphBytes,
  readMetaGraphWithGraph,
  readSavedModel,
  readSavedModelOutline,
} from './saved-model/saved-model-reader.js';
export {
  type ConcreteFunctionOutline,
  decodeSavedModelGraphs,
  decodeSavedModelOutline,
  type MetaGraphOutline,
  parseSavedModelGraphsText,
  parseSavedModelOutlineText,
} from './saved-model/saved-model-summary.js';
export { formatSignatureDef } from './text/signature-def.js';
export { crc32c, maskedCrc32c } from './wire/crc32c.js';
export { encodeTfRecord, encodeTfRecords, readTfRecords } from './wire/tf-record.js';
