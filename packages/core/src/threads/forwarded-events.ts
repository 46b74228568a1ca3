/** Events of serving threads, for listeners of the main thread's diagnostics channels. */
import type { Channel } from 'node:diagnostics_channel';
import {
  batchChannel,
  batchingQueueChannel,
  batchingRejectionChannel,
  batchingRequestChannel,
  batchingRunChannel,
  type RequestStage,
  requestChannel,
  stageChannels,
} from '../diagnostics/channels.js';
import type {
  BatchEvent,
  BatchingQueueEvent,
  BatchingRejectionEvent,
  BatchingRequestEvent,
  BatchingRunEvent,
  BatchingSource,
} from '../diagnostics/events.js';
import type { Entrypoint, RequestApi } from '../diagnostics/request-trace.js';
import type { Version } from '../servable/version.js';
import type { StatusCode } from '../status-code.js';
import type { PlainError } from './plain-error.js';

/** What may be forwarded. */
export type ForwardedKind = 'request' | 'stage' | 'batch' | BatchingKind;

/** Events of batching that requests are not part of. */
export interface BatchingEvents {
  readonly batchingRequest: BatchingRequestEvent;
  readonly batchingQueue: BatchingQueueEvent;
  readonly batchingRun: BatchingRunEvent;
  readonly batchingRejection: BatchingRejectionEvent;
}

export type BatchingKind = keyof BatchingEvents;

export const batchingChannels: Readonly<Record<BatchingKind, Channel>> = {
  batchingRequest: batchingRequestChannel,
  batchingQueue: batchingQueueChannel,
  batchingRun: batchingRunChannel,
  batchingRejection: batchingRejectionChannel,
};

/** A request began. Times are milliseconds since the epoch, as threads have clocks of their own. */
export interface ForwardedRequest {
  readonly kind: 'request';
  readonly request: number;
  readonly entrypoint: Entrypoint;
  readonly api: RequestApi;
  readonly model: string;
  readonly startTime: number;
  /** The caller's trace context. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** It is over. */
export interface ForwardedResponse {
  readonly kind: 'response';
  readonly request: number;
  readonly model: string;
  readonly version: Version | undefined;
  readonly signature: string | undefined;
  readonly exampleCount: number | undefined;
  readonly ranInline: boolean | undefined;
  readonly status: StatusCode;
  readonly error?: PlainError;
  readonly endTime: number;
  /** When each began, in their order. */
  readonly stages: readonly (readonly [stage: RequestStage, startTime: number])[];
}

/** A batch ran. */
export interface ForwardedBatch {
  readonly kind: 'batch';
  readonly requests: readonly number[];
  readonly event: Omit<BatchEvent, 'requests' | 'error'> & { readonly error?: PlainError };
}

/** Another event of batching. */
export interface ForwardedBatching {
  readonly kind: BatchingKind;
  readonly event: Omit<BatchingEvents[BatchingKind], 'source'> & { readonly source: BatchingSource };
}

export type ForwardedEvent = ForwardedRequest | ForwardedResponse | ForwardedBatch | ForwardedBatching;

/** Of what the main thread has listeners now. */
export function kindsWithListeners(): ForwardedKind[] {
  const kinds: ForwardedKind[] = [];
  if (requestChannel.hasSubscribers) {
    kinds.push('request');
    if (Object.values(stageChannels).some(({ hasSubscribers }) => hasSubscribers)) kinds.push('stage');
    if (batchChannel.hasSubscribers) kinds.push('batch');
  }
  for (const kind of Object.keys(batchingChannels) as BatchingKind[]) {
    if (batchingChannels[kind].hasSubscribers) kinds.push(kind);
  }
  return kinds;
}
