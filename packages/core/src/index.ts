/** `@serving/core`: the names for applications first, those for authors of platforms, sources and adapters below. */
export type { ModelMetadata } from './apis/get-model-metadata.js';
export type { ModelVersionState, ModelVersionStatus } from './apis/get-model-status.js';
export type { ModelSpec } from './apis/model-spec.js';
export type { PredictRequest, PredictResponse } from './apis/predict.js';
// For extension authors.
export * from './apis/signature-def.js';
export { type Clock, systemClock } from './clock.js';
export type { LoadContext, Loader, ResourceEstimate } from './loader/loader.js';
export type { Platform } from './platform.js';
export { type InferenceServable, isInferenceServable, type RunOptions } from './servable/inference-servable.js';
export type { ServableData } from './servable/servable-data.js';
export type { ServableHandle } from './servable/servable-handle.js';
export { formatServableId, type ServableId } from './servable/servable-id.js';
export {
  CLASSIFY_METHOD_NAME,
  DEFAULT_SIGNATURE_NAME,
  PREDICT_METHOD_NAME,
  REGRESS_METHOD_NAME,
  type Signature,
  type TensorSpec,
} from './servable/signature.js';
export { ServingError } from './serving-error.js';
export { type AspiredVersionsCallback, connectSourceToTarget, type Source, type Target } from './source/source.js';
export { type SourceAdapter, UnarySourceAdapter } from './source/source-adapter.js';
export type { StoragePath } from './source/storage-path.js';
export { type ErrorCode, grpcNumber, httpStatus, type StatusCode, statusCodeFromNumber } from './status-code.js';
export type { NestedArray, ShapedArray, TensorLike, TensorScalar, TfjsTensor } from './tensor/tensor-like.js';
