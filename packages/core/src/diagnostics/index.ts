/**
 * What happens to requests, batches and loads, on channels of `node:diagnostics_channel`. {@link observeServing} subscribes to all of them; nothing is
 * measured while nobody listens.
 *
 * @module @serving/core/diagnostics
 */
export {
  type BatchEvent,
  batchChannel,
  type LoadEvent,
  loadChannel,
  type RequestLogEvent,
  type RequestLogLossEvent,
  type RequestStageEvent,
  requestChannel,
  requestLogChannel,
  requestLogLossChannel,
  responseChannel,
  stageChannels,
  type TimeSpan,
  type WarmupEvent,
  type WarmupFileEvent,
  warmupChannel,
  warmupFileChannel,
} from './channels.js';
export { observeServing, type ServingObserver } from './observe-serving.js';
export {
  type Entrypoint,
  type RequestApi,
  type RequestStage,
  RequestTrace,
  type RequestTraceOptions,
  requestsAreObserved,
} from './request-trace.js';
