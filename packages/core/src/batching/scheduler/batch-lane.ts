/** The batches of one priority that wait in a queue. */

import type { BatchCloseReason } from '../../diagnostics/events.js';
import type { LaneLimits } from '../batching-options.js';
import { pieceSizes, type QueueFill, refusal, schedulingCapacity } from './admission.js';
import type { Batch, BatchTask, QueueOptions } from './batch-scheduler.js';

/** The input of the rule. */
export interface BatchSnapshot {
  readonly size: number;
  /** `Clock.now()` time of its first task's arrival. */
  readonly openedAt: number;
  /** Whether further tasks may join it. */
  readonly isOpen: boolean;
}

/** A queue's limits, as far as the rule needs them. */
export interface ClosingLimits {
  /** A batch of this size or more is full. */
  readonly maxExecutionBatchSize: number;
  /** How long a batch waits for more tasks, from its first one. */
  readonly batchTimeoutMs: number;
}

/** A time before every other: a batch with this one is ready at any time. */
export const READY: number = Number.NEGATIVE_INFINITY;
/** The next time after {@link READY}: a batch with this one is ready for a free slot, and not handed over ahead. */
export const READY_WHEN_FREE: number = -Number.MAX_VALUE;

/**
 * The time from which a free thread may take a batch, which closes it: {@link READY} when it is closed, full, or its
 * queue closes, else the end of the batch timeout. Without a timeout that is its beginning, so that a batch grows only
 * while no thread is free. A batch of tasks without rows is treated like any other.
 */
export function closingTime(batch: BatchSnapshot, limits: ClosingLimits, isQueueClosing: boolean): number {
  if (!batch.isOpen || isQueueClosing || batch.size >= limits.maxExecutionBatchSize) return READY;
  return batch.openedAt + limits.batchTimeoutMs;
}

/** Why a batch that is taken holds no further tasks. */
export function closeReason(batch: BatchSnapshot, limits: ClosingLimits, isQueueClosing: boolean): BatchCloseReason {
  if (batch.size >= limits.maxExecutionBatchSize) return 'full';
  if (!batch.isOpen) return 'no_room';
  if (isQueueClosing) return 'closing';
  return limits.batchTimeoutMs === 0 ? 'slot_free' : 'timeout';
}

/** A batch while it waits. */
export class WaitingBatch<T extends BatchTask> implements Batch<T> {
  readonly tasks: T[];
  size: number;
  /** `Clock.now()` time of its first task's arrival. */
  readonly openedAt: number;
  /** Whether further tasks may join. */
  isOpen = true;
  closeReason: BatchCloseReason | undefined = undefined;

  constructor(task: T, openedAt: number) {
    this.tasks = [task];
    this.size = task.size;
    this.openedAt = openedAt;
  }

  add(task: T): void {
    this.tasks.push(task);
    this.size += task.size;
  }

  /** Whether the task was in it. */
  remove(task: T): boolean {
    const index = this.tasks.indexOf(task);
    if (index < 0) return false;
    this.tasks.splice(index, 1);
    this.size -= task.size;
    return true;
  }
}

/** What a task did to the batches that wait. */
export type Addition = 'joined' | 'opened' | 'filled';

/**
 * Batches in the order of their first tasks. Of those that tasks can join there is at most one open for each kind of task
 * (see {@link QueueOptions.canJoin}).
 */
export class BatchLane<T extends BatchTask> {
  readonly limits: LaneLimits & { readonly splitsLargeTasks: boolean };
  readonly #now: () => number;
  readonly #canJoin: QueueOptions<T>['canJoin'];
  readonly #splitTask: QueueOptions<T>['splitTask'];
  readonly #fillsWithPieces: boolean;
  readonly #batches: WaitingBatch<T>[] = [];
  #taskCount = 0;
  /** Whether batches are taken without waiting for more tasks. */
  isClosing = false;

  constructor(limits: LaneLimits, now: () => number, { canJoin, splitTask, fillsWithPieces = true }: QueueOptions<T>) {
    this.limits = { ...limits, splitsLargeTasks: splitTask !== undefined };
    this.#now = now;
    this.#canJoin = canJoin;
    this.#splitTask = splitTask;
    this.#fillsWithPieces = fillsWithPieces;
  }

  get taskCount(): number {
    return this.#taskCount;
  }

  /** @param others batches of the queue that wait elsewhere */
  schedulingCapacity(others: number): number {
    return schedulingCapacity(
      this.limits,
      this.#fill(
        this.#batches.findLast(({ isOpen }) => isOpen),
        others,
      ),
    );
  }

  /**
   * @param others batches of the queue that wait elsewhere
   * @throws ServingError when the lane is full; it is unchanged then.
   */
  add(task: T, others: number): Addition {
    const { maxExecutionBatchSize, splitsLargeTasks } = this.limits;
    const open = this.#openFor(task);
    if (open !== undefined && open.size + task.size < maxExecutionBatchSize) {
      open.add(task);
      this.#taskCount++;
      return 'joined';
    }
    const isLarge = task.size > maxExecutionBatchSize;
    const start = isLarge && !this.#fillsWithPieces ? undefined : open;
    this.#checkRoom(task.size, start, others);
    const fits = start === undefined || start.size + task.size <= maxExecutionBatchSize;
    const isCut = splitsLargeTasks && (isLarge || (this.#fillsWithPieces && !fits));
    if (isCut) {
      this.#addPieces(task, start);
      return 'filled';
    }
    const batch = this.#append(task, start);
    if (batch.size >= maxExecutionBatchSize || (start !== undefined && batch !== start)) return 'filled';
    return batch === start ? 'joined' : 'opened';
  }

  /** @throws ServingError `UNAVAILABLE` or `INVALID_ARGUMENT` as {@link refusal} */
  #checkRoom(size: number, start: WaitingBatch<T> | undefined, others: number): void {
    const { maxExecutionBatchSize, maxTaskSize, maxEnqueuedBatches } = this.limits;
    const isFirst = this.#batches.length === 0 && others === 0 && maxEnqueuedBatches > 0;
    if (isFirst && size <= maxExecutionBatchSize && size <= maxTaskSize) return;
    const error = refusal(size, this.limits, this.#fill(start, others));
    if (error !== undefined) throw error;
  }

  /** Whether the task waited. A batch that loses its last task is gone. */
  remove(task: T): boolean {
    for (let i = 0; i < this.#batches.length; i++) {
      if (!this.#batches[i]!.remove(task)) continue;
      this.#taskCount--;
      if (this.#batches[i]!.tasks.length === 0) this.#batches.splice(i, 1);
      return true;
    }
    return false;
  }

  /** The earliest time at which a batch may be taken; infinite when none waits. */
  nextClosingTime(): number {
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#batches.length; i++) {
      const time = closingTime(this.#batches[i]!, this.limits, this.isClosing);
      if (time < next) next = time;
    }
    return next;
  }

  /** Takes the oldest batch that may be taken at this time. */
  take(now: number): WaitingBatch<T> | undefined {
    for (let i = 0; i < this.#batches.length; i++) {
      const batch = this.#batches[i]!;
      if (closingTime(batch, this.limits, this.isClosing) > now) continue;
      if (i === 0) this.#batches.shift();
      else this.#batches.splice(i, 1);
      this.#taskCount -= batch.tasks.length;
      batch.closeReason = closeReason(batch, this.limits, this.isClosing);
      return batch;
    }
    return undefined;
  }

  /** Moves tasks that wait here into a batch of another lane, oldest first, until one doesn't fit below this size. */
  moveInto(batch: WaitingBatch<T>, maxSize: number): void {
    const first = batch.tasks[0]!;
    for (let i = 0; i < this.#batches.length; ) {
      const source = this.#batches[i]!;
      if (this.#canJoin?.(first, source.tasks[0]!) === false) {
        i++;
        continue;
      }
      while (source.tasks.length > 0) {
        const task = source.tasks[0]!;
        if (batch.size + task.size > maxSize) return;
        source.remove(task);
        this.#taskCount--;
        batch.add(task);
      }
      this.#batches.splice(i, 1);
    }
  }

  #addPieces(task: T, open: WaitingBatch<T> | undefined): void {
    const { maxExecutionBatchSize } = this.limits;
    const room = maxExecutionBatchSize - (open?.size ?? maxExecutionBatchSize);
    let batch = open;
    for (const piece of this.#splitTask!(task, pieceSizes(task.size, room, maxExecutionBatchSize))) {
      batch = this.#append(piece, batch);
    }
  }

  /** Into this open batch or, where it doesn't fit, into a new one; the one that it went to. */
  #append(task: T, open: WaitingBatch<T> | undefined): WaitingBatch<T> {
    this.#taskCount++;
    if (open !== undefined) {
      if (open.size + task.size <= this.limits.maxExecutionBatchSize) {
        open.add(task);
        return open;
      }
      open.isOpen = false;
    }
    const batch = new WaitingBatch(task, this.#now());
    this.#batches.push(batch);
    return batch;
  }

  #openFor(task: T): WaitingBatch<T> | undefined {
    for (let i = this.#batches.length - 1; i >= 0; i--) {
      const batch = this.#batches[i]!;
      if (batch.isOpen && this.#canJoin?.(batch.tasks[0]!, task) !== false) return batch;
    }
    return undefined;
  }

  #fill(open: WaitingBatch<T> | undefined, others: number): QueueFill {
    return { batches: this.#batches.length + others, openSize: open?.size };
  }
}
