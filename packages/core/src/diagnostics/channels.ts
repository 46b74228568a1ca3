/**
 * Where the library tells what it does, for whoever measures it: channels of `node:diagnostics_channel`. They are the process's, shared
 * by all model servers in it and by all copies of this package. Without listeners they cost one look at one of them per request.
 *
 * A listener is called at once, on the hot path; what it throws becomes an `uncaughtException`. It must change nothing of what it is given.
 */
import { type Channel, channel } from 'node:diagnostics_channel';
import type { ServableId } from '../servable/servable-id.js';
import type { ServingError } from '../serving-error.js';
import type { StatusCode } from '../status-code.js';
import type { RequestApi, RequestStage, RequestTrace } from './request-trace.js';

/**
 * A request has arrived: a {@link RequestTrace}, the same object in all that is told of the request. Only requests that this channel has
 * listeners for are told of in the others.
 */
export const requestChannel: Channel = channel('serving:request');

/** Its answer is decided: the {@link RequestTrace}, with `status` and `endTime`. Once per request. */
export const responseChannel: Channel = channel('serving:response');

/**
 * A stage of a request is over: a {@link RequestStageEvent}. The stages of a request come in this order, some or all of them: `decode` (its body to
 * tensors, model and signature found), `queue` (it waited for a batch), `run` (the model, alone or in a batch), `encode` (tensors to its answer's body).
 */
export const stageChannels: Readonly<Record<RequestStage, Channel>> = {
  decode: channel('serving:decode'),
  queue: channel('serving:queue'),
  run: channel('serving:run'),
  encode: channel('serving:encode'),
};

/** A batch has run, or failed: a {@link BatchEvent}. It comes before its requests' `serving:run` end. */
export const batchChannel: Channel = channel('serving:batch');

/** An attempt to load a version is over: a {@link LoadEvent}. */
export const loadChannel: Channel = channel('serving:load');

/** A version has a file of warm-up requests, which are run now, as a part of its load: a {@link WarmupFileEvent}. */
export const warmupFileChannel: Channel = channel('serving:warmup-file');

/** The warm-up of a version is over, as a part of its load: a {@link WarmupEvent}. */
export const warmupChannel: Channel = channel('serving:warmup');

/** A sampled request was given to its model's log collector, or refused by it: a {@link RequestLogEvent}. */
export const requestLogChannel: Channel = channel('serving:request-log');

/** A log collector has lost what it had collected: a {@link RequestLogLossEvent}. */
export const requestLogLossChannel: Channel = channel('serving:request-log-loss');

/** From when to when, in milliseconds of the clock of the model server or API: by default `performance.now()`. */
export interface TimeSpan {
  readonly startTime: number;
  readonly endTime: number;
  /** What it failed with. */
  readonly error?: ServingError;
}

/** What `serving:decode`, `serving:queue`, `serving:run` and `serving:encode` carry. */
export interface RequestStageEvent extends TimeSpan {
  readonly request: RequestTrace;
  readonly stage: RequestStage;
}

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
}

/** What `serving:load` carries. */
export interface LoadEvent extends TimeSpan {
  readonly servable: ServableId;
  /** Where it was loaded from, if its loader says so. */
  readonly path?: string;
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

/** What `serving:request-log` carries. */
export interface RequestLogEvent {
  readonly servable: ServableId;
  readonly api: RequestApi;
  /** `OK` when the collector took it, `RESOURCE_EXHAUSTED` when it had no room for it. */
  readonly status: StatusCode;
  readonly error?: ServingError;
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
