/**
 * Where the library tells what it does, for whoever measures it: channels of `node:diagnostics_channel`. They are the process's, shared
 * by all model servers in it and by all copies of this package. Without listeners they cost one look at one of them per request.
 *
 * A listener is called at once, on the hot path; what it throws becomes an `uncaughtException`. It must change nothing of what it is given.
 */
import { type Channel, channel } from 'node:diagnostics_channel';

/** The stages that a request may go through, in this order. `queue` is the wait for a batch. */
export type RequestStage = 'decode' | 'queue' | 'run' | 'encode';

/** A model server begins to start, before it loads anything: a {@link ServerEvent}. */
export const serverChannel: Channel = channel('serving:server');

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

/** A sampled request was given to its model's log collector, or refused by it: a {@link RequestLogEvent}. */
export const requestLogChannel: Channel = channel('serving:request-log');

/** A log collector has lost what it had collected: a {@link RequestLogLossEvent}. */
export const requestLogLossChannel: Channel = channel('serving:request-log-loss');
