/** A scheduler with a single queue (TensorFlow's `basic_batch_scheduler.h`). */

import type { BatchingOptions } from '../batching-options.js';
import type { BatchScheduler, ProcessBatch, QueueOptions } from './batch-scheduler.js';
import type { BatchTask } from './batch-task.js';
import { type SchedulerContext, SharedBatchScheduler } from './shared-batch-scheduler.js';

/** {@link SharedBatchScheduler} for work of one kind. */
export class BasicBatchScheduler<T extends BatchTask> implements BatchScheduler<T> {
  readonly #queue: BatchScheduler<T>;

  /** @throws ServingError `INVALID_ARGUMENT` for wrong options. */
  constructor(options: BatchingOptions & QueueOptions<T>, process: ProcessBatch<T>, context: SchedulerContext = {}) {
    const { numBatchThreads, threadPoolName, ...queueOptions } = options;
    this.#queue = new SharedBatchScheduler<T>({ numBatchThreads, threadPoolName }, context).addQueue(
      queueOptions,
      process,
    );
  }

  get numEnqueuedTasks(): number {
    return this.#queue.numEnqueuedTasks;
  }

  get isIdle(): boolean {
    return this.#queue.isIdle;
  }

  get schedulingCapacity(): number {
    return this.#queue.schedulingCapacity;
  }

  get maxTaskSize(): number {
    return this.#queue.maxTaskSize;
  }

  schedule(task: T): void {
    this.#queue.schedule(task);
  }

  remove(task: T): boolean {
    return this.#queue.remove(task);
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}
