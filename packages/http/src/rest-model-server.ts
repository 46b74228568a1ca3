/** What the REST API asks of a model server. */
import type {
  InferenceServable,
  ModelMetadata,
  ModelServer,
  ModelSpec,
  ModelVersionStatus,
  ServableHandle,
} from '@serving/core';

/** A `ModelServer` is one; in a test an object with these five methods is enough. */
export interface RestModelServer extends Pick<ModelServer, 'run' | 'runNow'> {
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
  getModelStatus(spec: { readonly model: string; readonly version?: number }): readonly ModelVersionStatus[];
  getModelMetadata(spec: ModelSpec): ModelMetadata;
}
