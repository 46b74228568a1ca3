/** What the channels beside those of requests and stages carry. */

import type { ModelVersionStatus } from '../inference/model-status.js';
import type { PredictionLog } from '../request-logging/prediction-log.js';
import type { EventSource } from '../servable/event-bus.js';
import type { ServableId } from '../servable/servable-id.js';
import type { ModelServerEvents, ModelServerState } from '../server/model-server-events.js';
import type { ServingError } from '../serving-error.js';
import type { StatusCode } from '../status-code.js';
import type { RequestApi, RequestTrace, TimeSpan } from './request-trace.js';

/** What `serving:server` carries. */
export interface ServerEvent {
  /** The `ModelServer` that the start resolves with, unless it rejects. */
  readonly server: ObservedServer;
}

/** The part of a `ModelServer` that metrics and logs read. */
export interface ObservedServer extends EventSource<ModelServerEvents> {
  readonly state: ModelServerState;
  readonly modelNames: readonly string[];
  /** @throws ServingError `NOT_FOUND` for a model without a version. */
  getModelStatus(spec: { readonly model: string }): ModelVersionStatus[];
}

/**
 * Why a batch took no more requests: `full`; `no_room`: the next request did not fit into it; `slot_free`: it may wait for none, and a slot was
 * free; `timeout`; `closing`: the version is being unloaded.
 */
export type BatchCloseReason = 'full' | 'no_room' | 'slot_free' | 'timeout' | 'closing';

/** What `serving:batch` carries. */
export interface BatchEvent extends TimeSpan {
  readonly servable: ServableId;
  readonly signature: string;
  /** Whose rows it holds, each once, even when the batch has several pieces of it. */
  readonly requests: readonly RequestTrace[];
  /** Rows of the requests. */
  readonly size: number;
  /** Rows added to them to come to an allowed batch size. */
  readonly padding: number;
  /** Whether it is a part of a batch that has failed, which runs again. */
  readonly isRerun: boolean;
  /** Whether the run was over when it returned, on the event loop's thread; absent when it did not run. */
  readonly ranInline?: boolean;
}

/** Whose requests a batching event is about; the same object for all events of a signature. */
export interface BatchingSource {
  readonly servable: ServableId;
  readonly signature: string;
  readonly threadPoolName: string;
}

/** What `serving:batching-request` carries: TensorFlow Serving's `input_batch_size`, once per input. */
export interface BatchingRequestEvent {
  readonly source: BatchingSource;
  readonly size: number;
  readonly inputs: number;
}

/** What `serving:batching-queue` carries: `queuing_latency`. */
export interface BatchingQueueEvent {
  readonly source: BatchingSource;
  readonly size: number;
  readonly queueMs: number;
}

/**
 * What `serving:batching-run` carries: `wrapped_run_count`; `processed_batch_size` is `size + padding`, `padding_size` is `padding` by
 * that sum.
 */
export interface BatchingRunEvent {
  readonly source: BatchingSource;
  /** Requests, and pieces of large ones. */
  readonly tasks: number;
  readonly size: number;
  readonly padding: number;
  /** Whether it is a part of a batch that has failed. */
  readonly isRerun: boolean;
  /** Absent for such a part. */
  readonly closeReason?: BatchCloseReason;
}

/**
 * Why a request did not run, or its wait ended. `batch_failed`: its batch failed, possibly for another request, and did not run again in
 * parts, as its signature keeps state.
 */
export type RejectionReason = 'too_large' | 'queue_full' | 'expired' | 'cancelled' | 'batch_failed';

/** What `serving:batching-rejection` carries. */
export interface BatchingRejectionEvent {
  readonly source: BatchingSource;
  readonly size: number;
  readonly reason: RejectionReason;
}

/** What `serving:load` carries. */
export interface LoadEvent extends TimeSpan {
  readonly servable: ServableId;
  /** Where it was loaded from, if its loader has a location. */
  readonly path?: string;
  /** The engine that runs the version, if its loader has one and the load succeeded. */
  readonly engine?: string;
}

/** What `serving:warmup-file` carries. */
export interface WarmupFileEvent {
  readonly servable: ServableId;
  /** Of the version. */
  readonly path: string;
  /** The file that was found: TensorFlow Serving's record file, or the JSON file of the platform's options. */
  readonly file: string;
}

/** What `serving:warmup` carries. */
export interface WarmupEvent extends TimeSpan {
  readonly servable: ServableId;
  readonly path: string;
  /** Requests that were run, of the version's record file and others; 0 for a version that has none. */
  readonly requests: number;
}

/** What `serving:model-process` carries. */
export interface ModelProcessEvent {
  /** `started`: it has loaded the model, for the first time or again. `ended`: not because the version was unloaded. */
  readonly kind: 'started' | 'ended';
  /** The version that the process runs, where its loader passes it on. */
  readonly servable?: ServableId;
  readonly pid?: number;
  /** The signal that ended it, such as `SIGABRT`. */
  readonly signal?: string;
  /** Its exit code, when no signal ended it. */
  readonly code?: number;
  /** Why the host ended it: a limit that it exceeded. */
  readonly reason?: string;
  /** Whether a process of this version has loaded it before. */
  readonly isRestart?: boolean;
  /** The last lines that it wrote to stderr. */
  readonly lastLines: readonly string[];
}

/** What `serving:request-log` carries. */
export interface RequestLogEvent {
  readonly servable: ServableId;
  readonly api: RequestApi;
  /** `OK` when the collector took it, `RESOURCE_EXHAUSTED` when it had no room for it. */
  readonly status: StatusCode;
  readonly error?: ServingError;
  /** What was collected: its tensors must not be changed. Absent where it was refused. */
  readonly log?: PredictionLog;
}

/** What `serving:request-log-loss` carries. */
export interface RequestLogLossEvent {
  /** Of the collector, as the configuration names it. */
  readonly type: string;
  readonly filenamePrefix: string;
  /** How many logs of requests. */
  readonly logs: number;
  readonly error: ServingError;
}
