/**
 * SavedModels as servables: {@link savedModelPlatform} is what an application hands to `ModelServer.start`. {@link SavedModelRuntime} is what another
 * runtime implements, {@link warmUp} and its like what warms versions up, {@link readSavedModel} what reads one without running it.
 *
 * @module @serving/savedmodel
 */

// For applications.
export type { EmptyRequestsRule } from './empty-requests.js';
export { type TfRecordLogCollectorOptions, tfRecordLogCollector } from './logging/tf-record-log-collector.js';
export { mergeSessionOptions } from './runtime/merge-session-options.js';
// For extension authors.
export { packageOrigins } from './runtime/package-origins.js';
export type {
  PreparedRun,
  RuntimeDescription,
  SavedModelRuntime,
  Session,
  SessionOptions,
  SessionRunOptions,
} from './runtime/saved-model-runtime.js';
export { type RuntimeName, selectRuntime } from './runtime/select-runtime.js';
export { warnOfThreadPool } from './runtime/thread-pool-warning.js';
export { SavedModelBundleSourceAdapter } from './saved-model-bundle-source-adapter.js';
export { SavedModelLoader, type SavedModelLoaderOptions } from './saved-model-loader.js';
export { type SavedModelPlatformOptions, savedModelPlatform } from './saved-model-platform.js';
export { readMetaGraph, readSavedModel, readSavedModelOutline } from './saved-model-reader.js';
export { SavedModelServable, type SavedModelServableOptions, type SavedModelTraits } from './saved-model-servable.js';
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
