/** All channels at once, with their payloads' types. */
import type { Channel } from 'node:diagnostics_channel';
import {
  batchChannel,
  batchingQueueChannel,
  batchingRejectionChannel,
  batchingRequestChannel,
  batchingRunChannel,
  loadChannel,
  modelProcessChannel,
  requestChannel,
  requestLogChannel,
  requestLogLossChannel,
  responseChannel,
  serverChannel,
  stageChannels,
  warmupChannel,
  warmupFileChannel,
} from './channels.js';
import type {
  BatchEvent,
  BatchingQueueEvent,
  BatchingRejectionEvent,
  BatchingRequestEvent,
  BatchingRunEvent,
  LoadEvent,
  ModelProcessEvent,
  RequestLogEvent,
  RequestLogLossEvent,
  ServerEvent,
  WarmupEvent,
  WarmupFileEvent,
} from './events.js';
import type { RequestStageEvent, RequestTrace } from './request-trace.js';

/** The channels document when each method is called. An absent method costs nothing. Methods must not throw. */
export interface ServingObserver {
  /** `serving:server` */
  onServer?(event: ServerEvent): void;
  /** `serving:request` */
  onRequest?(request: RequestTrace): void;
  /** `serving:decode`, `serving:queue`, `serving:run`, `serving:encode` */
  onStage?(event: RequestStageEvent): void;
  /** `serving:batch` */
  onBatch?(event: BatchEvent): void;
  /** `serving:response` */
  onResponse?(request: RequestTrace): void;
  /** `serving:batching-request` */
  onBatchingRequest?(event: BatchingRequestEvent): void;
  /** `serving:batching-queue` */
  onBatchingQueue?(event: BatchingQueueEvent): void;
  /** `serving:batching-run` */
  onBatchingRun?(event: BatchingRunEvent): void;
  /** `serving:batching-rejection` */
  onBatchingRejection?(event: BatchingRejectionEvent): void;
  /** `serving:load` */
  onLoad?(event: LoadEvent): void;
  /** `serving:warmup-file` */
  onWarmupFile?(event: WarmupFileEvent): void;
  /** `serving:warmup` */
  onWarmup?(event: WarmupEvent): void;
  /** `serving:model-process` */
  onModelProcess?(event: ModelProcessEvent): void;
  /** `serving:request-log` */
  onRequestLog?(event: RequestLogEvent): void;
  /** `serving:request-log-loss` */
  onRequestLogLoss?(event: RequestLogLossEvent): void;
}

/**
 * Listens to everything that the observer has methods for, of all model servers in the process, until the returned function is called. Requests
 * that arrived before are not told of.
 *
 * @example
 * ```ts
 * const stop = observeServing({
 *   onResponse: ({ model, status, startTime, endTime }) => record(model, status, endTime! - startTime),
 * });
 * ```
 */
export function observeServing(observer: ServingObserver): () => void {
  const subscriptions: [Channel, (message: unknown) => void][] = [];
  const listen = <T>(channel: Channel, listener: ((event: T) => void) | undefined): void => {
    if (listener) subscriptions.push([channel, (message) => listener.call(observer, message as T)]);
  };
  const { onStage, onBatch, onResponse, onRequest } = observer;
  const wantsRequests = onStage ?? onBatch ?? onResponse;
  listen(serverChannel, observer.onServer);
  listen(requestChannel, onRequest ?? (wantsRequests && ignore));
  for (const channel of Object.values(stageChannels)) listen(channel, onStage);
  listen(batchChannel, onBatch);
  listen(responseChannel, onResponse);
  listen(batchingRequestChannel, observer.onBatchingRequest);
  listen(batchingQueueChannel, observer.onBatchingQueue);
  listen(batchingRunChannel, observer.onBatchingRun);
  listen(batchingRejectionChannel, observer.onBatchingRejection);
  listen(loadChannel, observer.onLoad);
  listen(warmupFileChannel, observer.onWarmupFile);
  listen(warmupChannel, observer.onWarmup);
  listen(modelProcessChannel, observer.onModelProcess);
  listen(requestLogChannel, observer.onRequestLog);
  listen(requestLogLossChannel, observer.onRequestLogLoss);
  for (const [channel, listener] of subscriptions) channel.subscribe(listener);
  return () => {
    for (const [channel, listener] of subscriptions) channel.unsubscribe(listener);
  };
}

/** Requests are traced only while `serving:request` has a listener. */
function ignore(): void {}
