/**
 * What groups requests into batches: {@link batchingServable} for servables, {@link SharedBatchScheduler} and {@link BasicBatchScheduler} for work of any kind.
 * The option `batching` of `ModelServer.start` needs none of it.
 *
 * @module @serving/core/batching
 */

export type { BatchingObserver, BatchingSource, RejectionReason } from './batching-observer.js';
export {
  type BatchingOptions,
  batchingOptionsSchema,
  type LowPriorityQueueOptions,
  type MixedPriorityBatchingPolicy,
  type ModelBatchingOptions,
} from './batching-options.js';
export { type BatchingServable, type BatchingSessionOptions, batchingServable } from './batching-session.js';
export type { BatchingRunOptions, BatchingSessionTask } from './batching-session-task.js';
export { BasicBatchScheduler } from './scheduler/basic-batch-scheduler.js';
export type { Batch } from './scheduler/batch.js';
export type { BatchScheduler, ProcessBatch, QueueOptions } from './scheduler/batch-scheduler.js';
export type { BatchTask, Criticality } from './scheduler/batch-task.js';
export { type SchedulerContext, SharedBatchScheduler } from './scheduler/shared-batch-scheduler.js';
