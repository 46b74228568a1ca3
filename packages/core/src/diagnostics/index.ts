/**
 * What happens to requests, batches and loads, on channels of `node:diagnostics_channel`. {@link observeServing} subscribes to all of them.
 * Without subscribers nothing is measured.
 *
 * @module @serving/core/diagnostics
 */
export {
  batchChannel,
  batchingQueueChannel,
  batchingRejectionChannel,
  batchingRequestChannel,
  batchingRunChannel,
  loadChannel,
  modelProcessChannel,
  type RequestStage,
  requestChannel,
  requestLogChannel,
  requestLogLossChannel,
  responseChannel,
  serverChannel,
  stageChannels,
  warmupChannel,
  warmupFileChannel,
} from './channels.js';
export type {
  BatchCloseReason,
  BatchEvent,
  BatchingQueueEvent,
  BatchingRejectionEvent,
  BatchingRequestEvent,
  BatchingRunEvent,
  BatchingSource,
  LoadEvent,
  ModelProcessEvent,
  ObservedServer,
  RejectionReason,
  RequestLogEvent,
  RequestLogLossEvent,
  ServerEvent,
  WarmupEvent,
  WarmupFileEvent,
} from './events.js';
export { observeServing, type ServingObserver } from './observe-serving.js';
export {
  type Entrypoint,
  type RequestApi,
  type RequestStageEvent,
  RequestTrace,
  type RequestTraceOptions,
  requestsAreObserved,
  type TimeSpan,
} from './request-trace.js';
