/** The part of a model server that the REST API uses. */
import type { ModelMetadata, ModelSpec, ModelVersionStatus } from '@serving/core';
import type { HandleSource } from '@serving/core/internal';
import type { HealthSource } from '../operations/health-report.js';

/** A `ModelServer` is one; in a test an object with these three methods is enough. `state` and `models` are for health. */
export interface RestModelServer extends HandleSource, HealthSource {
  /** See `ModelServer.getModelStatus`. */
  getModelStatus(spec: Omit<ModelSpec, 'label'>): readonly ModelVersionStatus[];
  /** See `ModelServer.getModelMetadata`. */
  getModelMetadata(spec: ModelSpec): ModelMetadata;
}
