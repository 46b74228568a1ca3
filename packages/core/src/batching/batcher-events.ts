/** Sends the events of one batcher to its observer. */
import { type BatchingObserver, type BatchingSource, notify, type RejectionReason } from './batching-observer.js';
import type { BatchingSessionTask } from './batching-session-task.js';

/** Creates no event without a listener. */
export class BatcherEvents {
  /** Whether the observer wants to know how long requests wait. */
  readonly measuresQueues: boolean;
  readonly #observer: BatchingObserver;
  readonly #source: BatchingSource;
  readonly #inputs: number;

  /** @param inputs of the signature */
  constructor(observer: BatchingObserver, source: BatchingSource, inputs: number) {
    this.measuresQueues = observer.onDequeued !== undefined;
    this.#observer = observer;
    this.#source = source;
    this.#inputs = inputs;
  }

  request(size: number): void {
    if (!this.#observer.onRequest) return;
    notify(this.#observer, 'onRequest', { source: this.#source, size, inputs: this.#inputs });
  }

  /** @param now `Clock.now()` time */
  dequeued(tasks: readonly BatchingSessionTask[], now: number): void {
    for (const { size, enqueuedAt } of tasks) this.#dequeued(size, (now - enqueuedAt) * 1000);
  }

  batch(tasks: number, size: number, padding: number, isRerun: boolean): void {
    if (!this.#observer.onBatch) return;
    notify(this.#observer, 'onBatch', { source: this.#source, tasks, size, padding, isRerun });
  }

  /** A request that ran at once, alone. */
  loneRun(size: number): void {
    this.request(size);
    if (this.measuresQueues) this.#dequeued(size, 0);
    this.batch(1, size, 0, false);
  }

  rejected(size: number, reason: RejectionReason): void {
    notify(this.#observer, 'onRejected', { source: this.#source, size, reason });
  }

  #dequeued(size: number, queueMicros: number): void {
    notify(this.#observer, 'onDequeued', { source: this.#source, size, queueMicros });
  }
}
