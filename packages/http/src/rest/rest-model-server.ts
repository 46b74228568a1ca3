/** What the REST API asks of a model server. */
import type {
  InferenceServable,
  ModelMetadata,
  ModelSpec,
  ModelVersionStatus,
  ServableHandle,
  SignatureRunner,
} from '@serving/core';
import type { HealthSource } from '../operations/health-report.js';

/** A `ModelServer` is one; in a test an object with these five methods is enough. `state` and `models` are for health. */
export interface RestModelServer extends SignatureRunner, HealthSource {
  /** See `ModelServer.getServableHandle`; the handle is released when the request is over. */
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
  /** See `ModelServer.getModelStatus`. */
  getModelStatus(spec: Omit<ModelSpec, 'label'>): readonly ModelVersionStatus[];
  /** See `ModelServer.getModelMetadata`. */
  getModelMetadata(spec: ModelSpec): ModelMetadata;
}
