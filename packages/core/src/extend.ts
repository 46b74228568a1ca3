/**
 * For authors of extensions: {@link Platform}, {@link Loader} and {@link InferenceServable} add a kind of model, {@link Storage} a place to
 * read models from, {@link LogCollector} a place for request logs, {@link PredictBodyFormat} a form of predict bodies.
 *
 * @module @serving/core/extend
 */

export { type Clock, systemClock } from './clock.js';
export type { ExtensionModule } from './extension-module.js';
export { fileError, fileErrorCode } from './files/file-error.js';
export { makeFolder } from './files/make-folder.js';
export type { LoadContext, Loader, ResourceEstimate } from './loader/loader.js';
export type { Platform, PlatformContext } from './loader/platform.js';
export { platformFromLoader } from './loader/platform-from-loader.js';
export { type SimpleLoaderOptions, simpleLoader } from './loader/simple-loader.js';
export type { Logger } from './logging/logger.js';
export type { Example, ExampleInput, Feature } from './messages/example.js';
export type { FeatureScalar } from './messages/example-request.js';
export type { InferenceResult, InferenceTask } from './messages/multi-inference.js';
export type {
  DecodedPredictBody,
  EncodedPredictBody,
  PredictBodyFormat,
  PredictBodyRequest,
  ResolvedSignature,
} from './messages/predict-body-format.js';
export type {
  CompositeTensor,
  CooSparse,
  ResourceHandleFields,
  SignatureDef,
  SignatureDefMap,
  StructuredValue,
  TensorInfo,
  TensorProtoFields,
  TensorShapeFields,
  TensorSpecFields,
  TypeSpec,
  VariantFields,
} from './messages/signature-def.js';
export { printableLine, quoteName } from './printable-text.js';
export type { LogCollector } from './request-logging/log-collector.js';
export {
  type LogCollectorContext,
  type LogCollectorFactory,
  LogCollectorRegistry,
} from './request-logging/log-collector-registry.js';
export type { PerTaskSamplingConfig, ServerTask } from './request-logging/logging-config.js';
export type { LoggedRequest, LogMetadata, PredictionLog } from './request-logging/prediction-log.js';
export type { SlotsView } from './scheduling/fair-slots.js';
export type { EventListener, EventSource, SubscribeOptions } from './servable/event-bus.js';
export type { ExampleSupport } from './servable/example-support.js';
export { type GraphServable, isGraphServable } from './servable/graph-servable.js';
export {
  type InferenceServable,
  isInferenceServable,
  type LimitCause,
  type LimitedWait,
  type RunLimits,
  type RunOptions,
} from './servable/inference-servable.js';
export {
  CLASSIFY_METHOD_NAME,
  DEFAULT_SIGNATURE_NAME,
  PREDICT_METHOD_NAME,
  REGRESS_METHOD_NAME,
  type Signature,
  type TensorSpec,
} from './servable/signature.js';
export { compareVersions, parseVersion, toVersion } from './servable/version.js';
export { localPath } from './source/local-path.js';
export { localStorage } from './source/local-storage.js';
export type { Storage } from './source/storage.js';
export type { StoragePath } from './source/storage-path.js';
export type { OpenedServable, SharedServable, SharedServableModule } from './threads/shared-servable.js';
export type { ThreadSupport } from './threads/thread-support.js';
