/** What the gRPC services ask of a model server. */
import type {
  ModelMetadata,
  ModelServer,
  ModelServerEvents,
  ModelSpec,
  ModelVersionStatus,
  ServableHandle,
} from '@serving/core';
import type { EventSource, InferenceServable } from '@serving/core/extend';

/** A `ModelServer` is one; in a test a plain object will do. */
export interface GrpcModelServer
  extends Pick<ModelServer, 'reload' | 'modelNames' | 'state'>,
    Pick<EventSource<ModelServerEvents>, 'on'> {
  /** See `ModelServer.getServableHandle`; the handle is released when the call is over. */
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
  /** A servable of another kind, for SessionRun. */
  getServableHandle<T>(spec: ModelSpec, isExpected: (servable: unknown) => servable is T): ServableHandle<T>;
  /** See `ModelServer.getModelStatus`. */
  getModelStatus(spec: Omit<ModelSpec, 'label'>): readonly ModelVersionStatus[];
  /** See `ModelServer.getModelMetadata`. */
  getModelMetadata(spec: ModelSpec): ModelMetadata;
}
