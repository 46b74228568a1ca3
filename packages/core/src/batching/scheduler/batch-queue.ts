/** One queue of a shared scheduler: which of its batches comes next. */
import type { Clock } from '../../clock.js';
import type { SlotMember, SlotsView } from '../../scheduling/fair-slots.js';
import { ServingError } from '../../serving-error.js';
import type { ValidModelBatchingOptions } from '../batching-options.js';
import { type Addition, BatchLane, READY, READY_WHEN_FREE, type WaitingBatch } from './batch-lane.js';
import type { Batch, BatchPart, BatchScheduler, BatchTask, ProcessBatch, QueueOptions } from './batch-scheduler.js';

/** The scheduler that a queue belongs to. Called when the queue changes. */
export interface QueueOwner<T extends BatchTask> {
  readonly clock: Clock;
  onAdded(queue: BatchQueue<T>, addition: Addition): void;
  /** Tasks left, or closing began: what may be taken when has changed. */
  onChanged(): void;
  /** It is closed, and its last batch is over. */
  onDrained(queue: BatchQueue<T>): void;
}

/** Two lanes where it has priorities, otherwise one. */
export class BatchQueue<T extends BatchTask> implements BatchScheduler<T>, SlotMember {
  readonly process: ProcessBatch<T>;
  /** Batches that were taken and are not over. */
  running = 0;
  isListed = false;
  /** See {@link QueueOptions.engineSlots}. */
  readonly next: SlotsView | undefined;
  readonly #owner: QueueOwner<T>;
  readonly #options: ValidModelBatchingOptions;
  readonly #critical: BatchLane<T>;
  readonly #sheddable: BatchLane<T> | undefined;
  /** Critical batches taken in a row while sheddable tasks waited. */
  #criticalInRow = 0;
  /** What is left of batches that run in parts. */
  readonly #parts: BatchPart<T>[] = [];
  #closed: Promise<void> | undefined;
  #resolveClosing: (() => void) | undefined;

  constructor(
    owner: QueueOwner<T>,
    limits: ValidModelBatchingOptions,
    options: QueueOptions<T>,
    process: ProcessBatch<T>,
  ) {
    this.#owner = owner;
    this.#options = limits;
    this.process = process;
    this.next = options.engineSlots;
    const now = (): number => owner.clock.now();
    this.#critical = new BatchLane(limits, now, options);
    this.#sheddable = limits.lowPriority && new BatchLane(limits.lowPriority, now, options);
  }

  get numEnqueuedTasks(): number {
    let count = this.#critical.taskCount + (this.#sheddable?.taskCount ?? 0);
    for (let i = 0; i < this.#parts.length; i++) count += this.#parts[i]!.tasks.length;
    return count;
  }

  get hasWaiting(): boolean {
    return this.#critical.taskCount > 0 || this.#parts.length > 0 || (this.#sheddable?.taskCount ?? 0) > 0;
  }

  get isIdle(): boolean {
    return this.running === 0 && !this.hasWaiting;
  }

  get schedulingCapacity(): number {
    return this.#critical.schedulingCapacity(this.#numPartsAsBatches);
  }

  /** Full batches that the rows of {@link #parts} would be. */
  get #numPartsAsBatches(): number {
    let rows = 0;
    for (let i = 0; i < this.#parts.length; i++) rows += this.#parts[i]!.waitingSize;
    return Math.ceil(rows / this.#options.maxExecutionBatchSize);
  }

  get maxTaskSize(): number {
    return this.#options.maxTaskSize;
  }

  schedule(task: T): void {
    if (this.#closed !== undefined) throw new ServingError('UNAVAILABLE', 'The batch scheduling queue is closed');
    const lane = (task.criticality === 'sheddable' && this.#sheddable) || this.#critical;
    this.#owner.onAdded(this, lane.add(task, this.#numPartsAsBatches));
  }

  /** See {@link ProcessBatch}. A batch taken from here is not over yet. */
  readonly runAgain = (part: BatchPart<T>): void => {
    this.#parts.push(part);
    this.#owner.onAdded(this, 'filled');
  };

  remove(task: T): boolean {
    if (!this.#critical.remove(task) && !this.#sheddable?.remove(task)) return false;
    this.#owner.onChanged();
    this.#checkDrained();
    return true;
  }

  close(): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosing = resolve;
    });
    this.#critical.isClosing = true;
    if (this.#sheddable) this.#sheddable.isClosing = true;
    this.#owner.onChanged();
    this.#checkDrained();
    return this.#closed;
  }

  /** The earliest time at which a batch may be taken; infinite when none waits. */
  nextClosingTime(): number {
    if (this.#parts.some(({ goesFirst }) => goesFirst)) return READY;
    const time = Math.min(this.#critical.nextClosingTime(), this.#sheddable?.nextClosingTime() ?? Infinity);
    return this.#parts.length > 0 ? Math.min(time, READY_WHEN_FREE) : time;
  }

  /** Takes the batch whose turn it is, of those that may be taken at this time. It holds its slot until its `release`. */
  take(now: number): Batch<T> | undefined {
    const first = this.#parts.findIndex(({ goesFirst }) => goesFirst);
    return (
      (first >= 0 ? this.#parts.splice(first, 1)[0] : this.#takeNew(now)) ??
      (now >= READY_WHEN_FREE ? this.#parts.shift() : undefined)
    );
  }

  /** A batch taken from here is over, and its slot is free. */
  onReleased(): void {
    this.#checkDrained();
  }

  #takeNew(now: number): Batch<T> | undefined {
    return this.#sheddable ? this.#takeByPriority(now, this.#sheddable) : this.#critical.take(now);
  }

  #takeByPriority(now: number, sheddable: BatchLane<T>): Batch<T> | undefined {
    const reserve = this.#options.lowPriority?.reserve ?? false;
    if (reserve !== false && this.#criticalInRow >= reserve) {
      const batch = sheddable.take(now);
      if (batch) {
        this.#criticalInRow = 0;
        return batch;
      }
    }
    const batch = this.#critical.take(now);
    if (batch) {
      this.#fillUp(batch, sheddable);
      this.#criticalInRow = sheddable.taskCount > 0 ? this.#criticalInRow + 1 : 0;
      return batch;
    }
    this.#criticalInRow = 0;
    return sheddable.take(now);
  }

  #fillUp(batch: WaitingBatch<T>, sheddable: BatchLane<T>): void {
    const { allowedBatchSizes, lowPriority, maxExecutionBatchSize } = this.#options;
    switch (lowPriority!.mixedPolicy) {
      case 'priority_isolation':
        return;
      case 'priority_merge':
        if (batch.isOpen) sheddable.moveInto(batch, maxExecutionBatchSize);
        return;
      case 'low_priority_padding_with_max_batch_size':
        sheddable.moveInto(batch, maxExecutionBatchSize);
        return;
      case 'low_priority_padding_with_next_allowed_batch_size':
        sheddable.moveInto(batch, nextAllowedBatchSize(batch.size, allowedBatchSizes) ?? maxExecutionBatchSize);
        return;
    }
  }

  #checkDrained(): void {
    if (!this.#resolveClosing || !this.isIdle) return;
    this.#owner.onDrained(this);
    this.#resolveClosing();
  }
}

/** The smallest allowed size from `size` on; `undefined` when there is none. */
export function nextAllowedBatchSize(size: number, allowed: readonly number[]): number | undefined {
  for (let i = 0; i < allowed.length; i++) if (allowed[i]! >= size) return allowed[i];
  return undefined;
}
