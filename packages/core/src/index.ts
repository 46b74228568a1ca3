/**
 * Models in process: {@link ModelServer} is where an application begins, {@link ServingError} what it catches. Tensors are in
 * `@serving/core/tensor`; who adds a platform, a storage or a log collector finds it in `@serving/core/extend`, who composes a server from
 * its parts in `@serving/core/lifecycle`.
 *
 * @module @serving/core
 */

export type { ModelVersionState, ModelVersionStatus } from './inference/model-status.js';
export { availabilityPreservingPolicy } from './manager/availability-preserving-policy.js';
export { resourcePreservingPolicy } from './manager/resource-preserving-policy.js';
export type {
  Classification,
  ClassificationRequest,
  ClassificationResponse,
  ClassificationResult,
} from './messages/classification.js';
export type { ExampleLike, ExampleRequest, FeatureLike } from './messages/example-request.js';
export type { ModelMetadata } from './messages/model-metadata.js';
export type { ModelSpec } from './messages/model-spec.js';
export type { PredictRequest, PredictResponse } from './messages/predict.js';
export type { RegressionRequest, RegressionResponse, RegressionResult } from './messages/regression.js';
export type { LogCollectorConfig, LoggingConfig, SamplingConfig } from './request-logging/logging-config.js';
export type { InsufficientResourcesPolicy } from './resources/reservation-queue.js';
export type { ResourceLimits, ResourceQuantity } from './resources/resource-quantity.js';
export type { ServableHandle } from './servable/servable-handle.js';
export type { ServableId } from './servable/servable-id.js';
export type { ServableState } from './servable/servable-state.js';
export type { Version, VersionLike } from './servable/version.js';
export type { ModelConfig, ModelConfigList } from './server/config/model-config.js';
export type { ModelConfigSource } from './server/config/model-config-source.js';
export type { ModelServerConfig, StartPolicy } from './server/config/model-server-config.js';
export { type CloseOptions, ModelServer, type ModelServerOptions } from './server/model-server.js';
export type {
  ConfigReloaded,
  ModelServerEvents,
  ModelServerListeners,
  ModelServerState,
} from './server/model-server-events.js';
export { ServingError, type ServingErrorOptions } from './serving-error.js';
export type { PollInterval } from './source/file-system-storage-path-source.js';
export type { VersionPolicy } from './source/version-policy.js';
export type { ErrorCode, StatusCode } from './status-code.js';
export type { TensorLike } from './tensor/tensor-like.js';
