/** Publishes the events of one batcher on the diagnostics channels. */
import {
  batchingQueueChannel,
  batchingRejectionChannel,
  batchingRequestChannel,
  batchingRunChannel,
} from '../diagnostics/channels.js';
import type {
  BatchingQueueEvent,
  BatchingRejectionEvent,
  BatchingRequestEvent,
  BatchingRunEvent,
  BatchingSource,
  RejectionReason,
} from '../diagnostics/events.js';
import type { BatchingSessionTask } from './batching-session-task.js';

/** The `enqueuedAt` of a task whose wait is not measured. */
export const UNMEASURED = -1;

/** Creates no event without a subscriber. */
export class BatcherEvents {
  readonly #source: BatchingSource;
  readonly #inputs: number;

  /** @param inputs of the signature */
  constructor(source: BatchingSource, inputs: number) {
    this.#source = source;
    this.#inputs = inputs;
  }

  /** Whether a subscriber wants to know how long requests wait. */
  get measuresQueues(): boolean {
    return batchingQueueChannel.hasSubscribers;
  }

  request(size: number): void {
    if (!batchingRequestChannel.hasSubscribers) return;
    const event: BatchingRequestEvent = { source: this.#source, size, inputs: this.#inputs };
    batchingRequestChannel.publish(event);
  }

  /** @param now `Clock.now()` time */
  dequeued(tasks: readonly BatchingSessionTask[], now: number): void {
    for (const { size, enqueuedAt } of tasks) if (enqueuedAt !== UNMEASURED) this.#dequeued(size, now - enqueuedAt);
  }

  batch(tasks: number, size: number, padding: number, isRerun: boolean): void {
    if (!batchingRunChannel.hasSubscribers) return;
    const event: BatchingRunEvent = { source: this.#source, tasks, size, padding, isRerun };
    batchingRunChannel.publish(event);
  }

  /** A request that ran at once, alone. */
  loneRun(size: number): void {
    this.request(size);
    if (this.measuresQueues) this.#dequeued(size, 0);
    this.batch(1, size, 0, false);
  }

  rejected(size: number, reason: RejectionReason): void {
    if (!batchingRejectionChannel.hasSubscribers) return;
    const event: BatchingRejectionEvent = { source: this.#source, size, reason };
    batchingRejectionChannel.publish(event);
  }

  #dequeued(size: number, queueMs: number): void {
    const event: BatchingQueueEvent = { source: this.#source, size, queueMs };
    batchingQueueChannel.publish(event);
  }
}
