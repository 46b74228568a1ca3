/** What groups tasks into batches: the scheduler's face to those who have tasks, and to those who run batches. */

import type { BatchCloseReason } from '../../diagnostics/events.js';
import type { SlotsView } from '../../scheduling/fair-slots.js';
import type { ModelBatchingOptions } from '../batching-options.js';

/**
 * `critical` work goes first. `sheddable` work may wait for it, and is what gives way; it matters only to queues with
 * `enablePriorityQueue`.
 */
export type Criticality = 'critical' | 'sheddable';

/** A unit of work that may run together with others. */
export interface BatchTask {
  /** How much of a batch it fills, in rows: a non-negative integer that doesn't change. */
  readonly size: number;
  /** Default `critical`. */
  readonly criticality?: Criticality | undefined;
}

/** A batch as its processor gets it. It has at least one task and is the processor's own. */
export interface Batch<T extends BatchTask> {
  /** In the order of their arrival; tasks of low priority that fill it up come last. */
  readonly tasks: readonly T[];
  /** The sum of the tasks' sizes. */
  readonly size: number;
  /** Why no more tasks came into it; absent for a part of another batch. */
  readonly closeReason?: BatchCloseReason | undefined;
}

/** A batch that its processor makes of tasks that it got, to run them apart. */
export interface BatchPart<T extends BatchTask> extends Batch<T> {
  /** Whether it runs before batches of its queue that have not run yet, or only while none of these is ready. May change. */
  readonly goesFirst: boolean;
  /** Rows that wait: its own, and those of parts that follow it. */
  readonly waitingSize: number;
}

/**
 * Takes tasks and has them run in batches. Tasks of one batch are in the order of their arrival; a task runs once
 * (unless its processor has it run again), or is refused by {@link schedule}, or is taken out by {@link remove}.
 */
export interface BatchScheduler<T extends BatchTask> {
  /**
   * Takes a task. Where it fills a batch and a thread is free, that batch has been handed over when this returns.
   *
   * @throws ServingError `UNAVAILABLE` when the queue is full or closed, `INVALID_ARGUMENT` for a task too large for it.
   */
  schedule(task: T): void;
  /** Takes a task (or the piece of one) out that waits; `false` when it doesn't wait (any more). */
  remove(task: T): boolean;
  /** Tasks and pieces that wait. */
  readonly numEnqueuedTasks: number;
  /** Whether nothing waits and nothing runs. */
  readonly isIdle: boolean;
  /** Rows that surely find room now, where large tasks are cut. */
  readonly schedulingCapacity: number;
  /** The largest task, in rows. */
  readonly maxTaskSize: number;
  /**
   * Refuses tasks from now on, runs those that wait without waiting for more, and resolves when the last batch is over.
   * May be called again: it is the same closing.
   */
  close(): Promise<void>;
}

/**
 * Runs a batch. It sees to it that each task's owner gets the outcome, and calls `release` once when the run itself is
 * over (before it returns, for a run that needs no waiting); the thread then goes to the next batch. It must not throw.
 * `again`, called before `release`, makes tasks that it got run once more, as a batch of their own: it gets that very object when
 * the queue has its turn, see {@link BatchPart}. Admission counts the rows that wait.
 */
export type ProcessBatch<T extends BatchTask> = (
  batch: Batch<T>,
  release: () => void,
  again: (part: BatchPart<T>) => void,
) => void;

/** One queue of a scheduler. */
export interface QueueOptions<T extends BatchTask> extends ModelBatchingOptions {
  /**
   * Whether a task can run together with the first one of a batch. An equivalence relation. Tasks that can't wait in batches of
   * their own, within the limits of the same queue. Default: all can.
   */
  readonly canJoin?: (first: T, task: T) => boolean;
  /** Cuts a task into pieces of these sizes, in order. Without it no task is split, whatever the options. */
  readonly splitTask?: (task: T, sizes: readonly number[]) => readonly T[];
  /**
   * Whether tasks are cut to fill an open batch up. Default true. False: only tasks larger than a batch are cut, and begin
   * with a batch of their own.
   */
  readonly fillsWithPieces?: boolean;
  /**
   * The slots that batches wait for when their {@link ProcessBatch} has been called. Where all are taken and nothing waits there, one
   * full batch more is handed over: it can't grow, and its run follows another's end without delay. Default: a batch that
   * is handed over runs.
   */
  readonly engineSlots?: SlotsView | undefined;
}
