/** What one of several serving threads has of limits that are the server's. */
import { availableParallelism } from 'node:os';
import type { BatchingOptions, ModelBatchingOptions } from '../batching/batching-options.js';

/** Batches that wait in one queue by default. */
const DEFAULT_ENQUEUED_BATCHES = 10;

/** A limit of one thread, so that all together have about the whole, and each something. */
export function threadShare(limit: number, threads: number): number {
  return limit === 0 ? 0 : Math.max(1, Math.ceil(limit / threads));
}

/** The server's batching: together the threads run and queue no more than one would. */
export function threadShareOfServer(options: BatchingOptions, threads: number): BatchingOptions {
  const { numBatchThreads = availableParallelism(), maxEnqueuedBatches = DEFAULT_ENQUEUED_BATCHES } = options;
  return {
    ...threadShareOfModel(options, threads),
    numBatchThreads: threadShare(numBatchThreads, threads),
    maxEnqueuedBatches: threadShare(maxEnqueuedBatches, threads),
  };
}

/** The batching options in which a model differs. */
export function threadShareOfModel<Options extends ModelBatchingOptions>(options: Options, threads: number): Options {
  const { maxEnqueuedBatches, lowPriorityQueueOptions: low } = options;
  return {
    ...options,
    ...(maxEnqueuedBatches !== undefined && { maxEnqueuedBatches: threadShare(maxEnqueuedBatches, threads) }),
    ...(low?.maxEnqueuedBatches !== undefined && {
      lowPriorityQueueOptions: { ...low, maxEnqueuedBatches: threadShare(low.maxEnqueuedBatches, threads) },
    }),
  };
}
