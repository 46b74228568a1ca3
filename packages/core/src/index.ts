/**
 * Models in process. {@link ModelServer} is where an application begins, {@link ServingError} what it catches. The rest is for authors of
 * platforms, sources, runtimes and wire APIs: {@link Platform}, {@link Loader} and {@link InferenceServable} are what they implement, managers and
 * routers what they build chains of their own from.
 *
 * @module @serving/core
 */

// For applications.

export type { ModelVersionState, ModelVersionStatus } from './inference/model-status.js';
export { availabilityPreservingPolicy } from './manager/availability-preserving-policy.js';
export { resourcePreservingPolicy } from './manager/resource-preserving-policy.js';
export type {
  Classification,
  ClassificationRequest,
  ClassificationResponse,
  ClassificationResult,
} from './messages/classification.js';
export type { Example, ExampleInput, Feature } from './messages/example.js';
export type { ExampleLike, ExampleRequest, FeatureLike, FeatureScalar } from './messages/example-request.js';
export type { ModelMetadata } from './messages/model-metadata.js';
export type { ModelSpec } from './messages/model-spec.js';
export type { PredictRequest, PredictResponse } from './messages/predict.js';
export type { RegressionRequest, RegressionResponse, RegressionResult } from './messages/regression.js';
export type { LogCollector } from './request-logging/log-collector.js';
export { LogCollectorRegistry } from './request-logging/log-collector-registry.js';
export type {
  LogCollectorConfig,
  LoggingConfig,
  OwnLogCollector,
  PerTaskSamplingConfig,
  SamplingConfig,
  ServerTask,
} from './request-logging/logging-config.js';
export type { LoggedRequest, LogMetadata, PredictionLog } from './request-logging/prediction-log.js';
export type { InsufficientResourcesPolicy } from './resources/reservation-queue.js';
export type { ResourceLimits, ResourceQuantity } from './resources/resource-quantity.js';
export type { EventListener, EventSource, SubscribeOptions } from './servable/event-bus.js';
export type { ServableHandle } from './servable/servable-handle.js';
export type { ServableId } from './servable/servable-id.js';
export type { ManagerState, ServableState } from './servable/servable-state.js';
export type { Version, VersionLike } from './servable/version.js';
export type { ModelConfig, ModelConfigList } from './server/config/model-config.js';
export type { ModelConfigSource } from './server/config/model-config-source.js';
export type { ModelServerConfig, StartPolicy } from './server/config/model-server-config.js';
export { checkModelServer, checkOptionNames, type OptionNames } from './server/config/option-names.js';
export { type CloseOptions, ModelServer, type ModelServerOptions } from './server/model-server.js';
export type { ConfigReloaded, ModelServerEvents } from './server/model-server-events.js';
export type { ModelServerListeners, ModelServerState } from './server/server-core.js';
export { ServingError, type ServingErrorOptions } from './serving-error.js';
export type { VersionPolicy } from './source/version-policy.js';
export type { ErrorCode, StatusCode } from './status-code.js';
export type { NestedArray, ShapedArray, TensorLike, TensorScalar, TfjsTensor } from './tensor/tensor-like.js';

// For extension authors.

export { acceptQueued } from './accept-queued.js';
export { type Clock, systemClock } from './clock.js';
export { type ExtensionModule, loadExtension } from './extension-module.js';
export { descriptorLimit } from './files/descriptor-limit.js';
export { fileError, fileErrorCode } from './files/file-error.js';
export { makeFolder } from './files/make-folder.js';
export { toExampleInput } from './inference/example-input.js';
export { checkOutputFilter, toInputs } from './inference/to-inputs.js';
export type { LoadContext, Loader, ResourceEstimate } from './loader/loader.js';
export type { LoaderHarnessState, LoaderHarnessStateKind } from './loader/loader-harness.js';
export type { Platform, PlatformContext } from './loader/platform.js';
export { platformFromLoader } from './loader/platform-from-loader.js';
export { type SimpleLoaderOptions, simpleLoader } from './loader/simple-loader.js';
export type {
  AspiredServableStateSnapshot,
  AspiredVersionPolicy,
  ServableAction,
} from './manager/aspired-version-policy.js';
export { AspiredVersionsManager, type AspiredVersionsManagerOptions } from './manager/aspired-versions-manager.js';
export { BasicManager, type BasicManagerOptions, type ManagedServable } from './manager/basic-manager.js';
export { CachingManager, type CachingManagerOptions } from './manager/caching-manager.js';
export { type LoaderFactory, pathPrefixLoaderFactory } from './manager/loader-factory.js';
export type { Manager } from './manager/manager.js';
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
export { printableLine, prometheusLabelValue, quoteName } from './printable-text.js';
export type { LogCollectorContext, LogCollectorFactory } from './request-logging/log-collector-registry.js';
export {
  type ResourceHolder,
  type ResourceShortage,
  ResourceTracker,
} from './resources/resource-tracker.js';
export type { SlotsView } from './scheduling/fair-slots.js';
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
export type { ServableData } from './servable/servable-data.js';
export { formatServableId } from './servable/servable-id.js';
export { formatServableRequest, type ServableRequest } from './servable/servable-request.js';
export {
  type ServableStateAndTime,
  ServableStateMonitor,
  type ServableStateMonitorOptions,
  type WaitOptions,
  type WaitResult,
} from './servable/servable-state-monitor.js';
export {
  CLASSIFY_METHOD_NAME,
  DEFAULT_SIGNATURE_NAME,
  PREDICT_METHOD_NAME,
  REGRESS_METHOD_NAME,
  type Signature,
  type TensorSpec,
} from './servable/signature.js';
export { compareVersions, parseVersion, toVersion, versionToJson } from './servable/version.js';
export {
  FileSystemStoragePathSource,
  type FileSystemStoragePathSourceOptions,
  type MonitoredServable,
  type PollInterval,
  type PollOutcome,
} from './source/file-system-storage-path-source.js';
export { localPath } from './source/local-path.js';
export { localStorage } from './source/local-storage.js';
export { type AspiredVersionsCallback, connectSourceToTarget, type Source, type Target } from './source/source.js';
export { type SourceAdapter, UnarySourceAdapter } from './source/source-adapter.js';
export { DROP_PORT, SourceRouter } from './source/source-router.js';
export type { Storage } from './source/storage.js';
export type { StoragePath } from './source/storage-path.js';
export { grpcNumber, httpStatus, statusCodeFromNumber } from './status-code.js';
export { bytesFromText, textFromBytes } from './tensor/byte-text.js';
