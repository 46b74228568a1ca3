/** A batch scheduler that runs tasks when a test calls it (TensorFlow's `puppet_batch_scheduler.h`). */
import { ServingError } from '@serving/core';
import type { BatchScheduler, BatchTask, ProcessBatch } from '@serving/core/batching';

/**
 * For code that schedules tasks or processes batches: which tasks form a batch, and when it runs, is the test's.
 *
 * @example
 * ```ts
 * const scheduler = new PuppetBatchScheduler<Row>(insertRows);
 * scheduler.schedule({ size: 1, row });
 * scheduler.processBatch(); // all that waits, as one batch
 * ```
 */
export class PuppetBatchScheduler<T extends BatchTask> implements BatchScheduler<T> {
  readonly maxTaskSize: number;
  readonly #process: ProcessBatch<T>;
  readonly #waiting: T[] = [];
  #running = 0;
  #isClosed = false;
  readonly #idle: (() => void)[] = [];

  /** @param maxTaskSize rows that a task may have. Default: any number. */
  constructor(process: ProcessBatch<T>, { maxTaskSize = Number.MAX_SAFE_INTEGER }: { maxTaskSize?: number } = {}) {
    this.#process = process;
    this.maxTaskSize = maxTaskSize;
  }

  /** Tasks that wait, oldest first. */
  get tasks(): readonly T[] {
    return [...this.#waiting];
  }

  get numEnqueuedTasks(): number {
    return this.#waiting.length;
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#running === 0;
  }

  get schedulingCapacity(): number {
    return Number.MAX_SAFE_INTEGER;
  }

  schedule(task: T): void {
    if (this.#isClosed) throw new ServingError('UNAVAILABLE', 'The batch scheduler is closed');
    if (task.size > this.maxTaskSize) {
      throw new ServingError('INVALID_ARGUMENT', `Task size ${task.size} is larger than ${this.maxTaskSize}`);
    }
    this.#waiting.push(task);
  }

  remove(task: T): boolean {
    const index = this.#waiting.indexOf(task);
    if (index < 0) return false;
    this.#waiting.splice(index, 1);
    return true;
  }

  /**
   * Hands the oldest tasks over as one batch: `numTasks` of them, or all.
   *
   * @throws ServingError `FAILED_PRECONDITION` when fewer wait, or none.
   */
  processBatch(numTasks: number = Math.max(this.#waiting.length, 1)): void {
    if (numTasks > this.#waiting.length) {
      throw new ServingError('FAILED_PRECONDITION', `${this.#waiting.length} tasks wait, not ${numTasks}`);
    }
    const tasks = this.#waiting.splice(0, numTasks);
    const size = tasks.reduce((sum, task) => sum + task.size, 0);
    this.#running++;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      this.#running--;
      if (this.isIdle) for (const resolve of this.#idle.splice(0)) resolve();
    };
    this.#process({ tasks, size }, release, (batch) => this.#waiting.unshift(...batch.tasks));
  }

  /** Runs what waits as one batch, and resolves when no batch runs. */
  close(): Promise<void> {
    this.#isClosed = true;
    if (this.#waiting.length > 0) this.processBatch();
    return this.isIdle ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
