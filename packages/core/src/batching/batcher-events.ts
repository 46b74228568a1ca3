/** Publishes the events of one batcher on the diagnostics channels. Its callers see first whether a channel has subscribers. */
import type { Clock } from '../clock.js';
import {
  batchChannel,
  batchingQueueChannel,
  batchingRejectionChannel,
  batchingRequestChannel,
  batchingRunChannel,
} from '../diagnostics/channels.js';
import type {
  BatchCloseReason,
  BatchEvent,
  BatchingQueueEvent,
  BatchingRejectionEvent,
  BatchingRequestEvent,
  BatchingRunEvent,
  BatchingSource,
  RejectionReason,
} from '../diagnostics/events.js';
import type { RequestTrace } from '../diagnostics/request-trace.js';
import { ServingError } from '../serving-error.js';
import type { BatchingSessionTask } from './batching-session-task.js';

/** The `enqueuedAt` of a task whose wait is not measured. */
export const UNMEASURED = -1;

/** A batch that runs. */
export interface BatchTrace {
  /** Whether the run was over when it returned; `undefined` before it. */
  ranInline: boolean | undefined;
  /** It has run, or failed. The first call counts. */
  finish(reason?: unknown): void;
}

export class BatcherEvents {
  readonly #source: BatchingSource;
  readonly #inputs: number;

  /** @param inputs of the signature */
  constructor(source: BatchingSource, inputs: number) {
    this.#source = source;
    this.#inputs = inputs;
  }

  request(size: number): void {
    const event: BatchingRequestEvent = { source: this.#source, size, inputs: this.#inputs };
    batchingRequestChannel.publish(event);
  }

  /** @param now `Clock.now()` time */
  dequeued(tasks: readonly BatchingSessionTask[], now: number): void {
    for (const { size, enqueuedAt } of tasks) if (enqueuedAt !== UNMEASURED) this.#dequeued(size, now - enqueuedAt);
  }

  batch(
    tasks: number,
    size: number,
    padding: number,
    isRerun: boolean,
    closeReason: BatchCloseReason | undefined,
  ): void {
    const reason = closeReason && { closeReason };
    const event: BatchingRunEvent = { source: this.#source, tasks, size, padding, isRerun, ...reason };
    batchingRunChannel.publish(event);
  }

  /** A request that ran at once, alone. Publishes on the channels that have subscribers. */
  loneRun(size: number): void {
    if (batchingRequestChannel.hasSubscribers) this.request(size);
    if (batchingQueueChannel.hasSubscribers) this.#dequeued(size, 0);
    if (batchingRunChannel.hasSubscribers) this.batch(1, size, 0, false, 'slot_free');
  }

  rejected(size: number, reason: RejectionReason): void {
    if (!batchingRejectionChannel.hasSubscribers) return;
    const event: BatchingRejectionEvent = { source: this.#source, size, reason };
    batchingRejectionChannel.publish(event);
  }

  /** Publishes a batch, with the requests in it, when it is over. Returns `undefined` when none of the requests is traced. */
  trace(
    tasks: readonly BatchingSessionTask[],
    size: number,
    padding: number,
    isRerun: boolean,
    clock: Pick<Clock, 'now'>,
  ): BatchTrace | undefined {
    const requests = new Set<RequestTrace>();
    for (const { trace } of tasks) if (trace !== undefined) requests.add(trace);
    if (requests.size === 0) return undefined;
    const { servable, signature } = this.#source;
    const started = { servable, signature, requests: [...requests], size, padding, isRerun, startTime: clock.now() };
    let isFinished = false;
    return {
      ranInline: undefined,
      finish(reason) {
        if (isFinished) return;
        isFinished = true;
        const error = reason !== undefined && { error: ServingError.from(reason, 'INTERNAL') };
        const where = this.ranInline !== undefined && { ranInline: this.ranInline };
        const event: BatchEvent = { ...started, endTime: clock.now(), ...where, ...error };
        batchChannel.publish(event);
      },
    };
  }

  #dequeued(size: number, queueMs: number): void {
    const event: BatchingQueueEvent = { source: this.#source, size, queueMs };
    batchingQueueChannel.publish(event);
  }
}
