/** What the gRPC services ask of a model server. */
import type {
  EventSource,
  InferenceServable,
  ModelMetadata,
  ModelServer,
  ModelServerEvents,
  ModelSpec,
  ModelVersionStatus,
  ServableHandle,
  SignatureRunner,
} from '@serving/core';

/** A `ModelServer` is one; in a test a plain object will do. */
export interface GrpcModelServer
  extends SignatureRunner,
    Pick<ModelServer, 'reload' | 'models' | 'state'>,
    Pick<EventSource<ModelServerEvents>, 'on'> {
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
  getServableHandle<T>(spec: ModelSpec, isExpected: (servable: unknown) => servable is T): ServableHandle<T>;
  getModelStatus(spec: { readonly model: string; readonly version?: number }): readonly ModelVersionStatus[];
  getModelMetadata(spec: ModelSpec): ModelMetadata;
}
