/**
 * SavedModels as servables: {@link savedModelPlatform} is what an application hands to `ModelServer.start`,
 * {@link warmUp} and its like warm versions up.
 *
 * @module @serving/savedmodel
 */

export { type AutoRuntime, type AutoRuntimeEngines, autoRuntime } from './auto-runtime.js';
// For applications.
export type { EmptyRequestsRule } from './empty-requests.js';
export { type TfRecordLogCollectorOptions, tfRecordLogCollector } from './logging/tf-record-log-collector.js';
// For extension authors.
export { SavedModelLoader, type SavedModelLoaderOptions } from './saved-model-loader.js';
export type { SavedModelOptions } from './saved-model-options.js';
export { savedModelPlatform } from './saved-model-platform.js';
export { SavedModelServable, type SavedModelServableOptions, type SavedModelTraits } from './saved-model-servable.js';
export type { SignatureNames } from './signature-names.js';
export { type WarmupContext, type WarmupOptions, warmUp } from './warmup/saved-model-warmup.js';
export { parseWarmupJson } from './warmup/warmup-json.js';
export type {
  ExamplesWarmupRequest,
  MultiInferenceWarmupRequest,
  PredictWarmupRequest,
  WarmupRequest,
  WarmupTarget,
} from './warmup/warmup-request.js';
export { type WarmupRecordsOptions, writeWarmupRecords } from './warmup/write-warmup-records.js';
