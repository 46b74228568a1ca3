/**
 * The library publishes what it does on channels of `node:diagnostics_channel`. They belong to the process: all model servers in it and
 * all copies of this package share them. Without subscribers, a request costs one `hasSubscribers` check.
 *
 * Subscribers are called synchronously, on the hot path. What they throw becomes an `uncaughtException`. They must not change
 * the objects that they receive.
 */
import { type Channel, channel } from 'node:diagnostics_channel';

/** The stages that a request may go through, in this order. `queue` is the wait for a batch. */
export type RequestStage = 'decode' | 'queue' | 'run' | 'encode';

/** A model server begins to start, before it loads anything: a {@link ServerEvent}. */
export const serverChannel: Channel = channel('serving:server');

/**
 * A request has arrived: a {@link RequestTrace}. All events of the request carry the same object. The other channels report a request
 * only if this channel had a subscriber when the request arrived.
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

/** A request passed the checks of its inputs and is to be batched: a {@link BatchingRequestEvent}. */
export const batchingRequestChannel: Channel = channel('serving:batching-request');

/** A request, or a piece of a large one, came into a batch that runs: a {@link BatchingQueueEvent}. */
export const batchingQueueChannel: Channel = channel('serving:batching-queue');

/** A batch is about to run, whether its requests are traced or not: a {@link BatchingRunEvent}. */
export const batchingRunChannel: Channel = channel('serving:batching-run');

/** A request was refused by its queue, or its wait there or in its batch ended: a {@link BatchingRejectionEvent}. */
export const batchingRejectionChannel: Channel = channel('serving:batching-rejection');

/** An attempt to load a version is over: a {@link LoadEvent}. */
export const loadChannel: Channel = channel('serving:load');

/** A version has a file of warm-up requests, which are run now, as a part of its load: a {@link WarmupFileEvent}. */
export const warmupFileChannel: Channel = channel('serving:warmup-file');

/** The warm-up of a version is over, as a part of its load: a {@link WarmupEvent}. */
export const warmupChannel: Channel = channel('serving:warmup');

/** The process of an isolated model has loaded it, or has ended by itself: a {@link ModelProcessEvent}. */
export const modelProcessChannel: Channel = channel('serving:model-process');

/** A sampled request was given to its model's log collector, or refused by it: a {@link RequestLogEvent}. */
export const requestLogChannel: Channel = channel('serving:request-log');

/** A log collector has lost what it had collected: a {@link RequestLogLossEvent}. */
export const requestLogLossChannel: Channel = channel('serving:request-log-loss');
