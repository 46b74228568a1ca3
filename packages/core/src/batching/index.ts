/**
 * What groups requests into batches: {@link batchingServable} for servables, {@link SharedBatchScheduler} for work of any kind.
 * The option `batching` of `ModelServer.start` needs none of it.
 *
 * @module @serving/core/batching
 */

export { BufferPool } from '../memory/buffer-pool.js';
export {
  type BatchingOptions,
  batchingOptionsSchema,
  type LowPriorityQueueOptions,
  type MixedPriorityBatchingPolicy,
  type ModelBatchingOptions,
} from './batching-options.js';
export { type BatchingServable, type BatchingSessionOptions, batchingServable } from './batching-session.js';
export type { BatchingRunOptions, BatchingSessionTask } from './batching-session-task.js';
export type {
  Batch,
  BatchPart,
  BatchScheduler,
  BatchTask,
  Criticality,
  ProcessBatch,
  QueueOptions,
} from './scheduler/batch-scheduler.js';
export { type SchedulerContext, SharedBatchScheduler } from './scheduler/shared-batch-scheduler.js';
