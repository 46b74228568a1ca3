/** When a waiting batch may be taken: the rule alone, without queues and clocks. */

/** What the rule looks at. */
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

/** A time before every other: a batch with this one is ready, whatever the clock says. */
export const READY: number = Number.NEGATIVE_INFINITY;

/**
 * The time from which a free thread may take a batch, which closes it: {@link READY} when it is closed, full, or its
 * queue closes, else the end of the batch timeout. Without a timeout that is its beginning, so that a batch grows only
 * while no thread is free. A batch of tasks without rows is treated like any other.
 */
export function closingTime(batch: BatchSnapshot, limits: ClosingLimits, isQueueClosing: boolean): number {
  if (!batch.isOpen || isQueueClosing || batch.size >= limits.maxExecutionBatchSize) return READY;
  return batch.openedAt + limits.batchTimeoutMs;
}
