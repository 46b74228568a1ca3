/** What batching tells those who measure it. */
import type { ServableId } from '../servable/servable-id.js';

/** Whose requests an event is about; the same object for all events of a signature. */
export interface BatchingSource {
  readonly servable: ServableId;
  readonly signature: string;
  readonly threadPoolName: string;
}

/**
 * Why a request did not run, or was given up. `batch_failed`: its batch failed, possibly for another request, and did not run again in
 * parts, as its signature keeps state.
 */
export type RejectionReason = 'too_large' | 'queue_full' | 'expired' | 'cancelled' | 'batch_failed';

/**
 * Called at once, on the hot path: it should only count. What it throws is dropped. A method that is absent costs nothing.
 * TensorFlow Serving's metrics (`/tensorflow/serving/batching_session/…`) are named where they come from.
 */
export interface BatchingObserver {
  /** A request passed the checks of its inputs: `input_batch_size`, once per input tensor. */
  onRequest?(event: { readonly source: BatchingSource; readonly size: number; readonly inputs: number }): void;
  /** A request (or a piece of a large one) came into a batch that runs: `queuing_latency`. */
  onDequeued?(event: { readonly source: BatchingSource; readonly size: number; readonly queueMicros: number }): void;
  /**
   * A batch is about to run: `wrapped_run_count`; `processed_batch_size` is `size + padding`, `padding_size` is `padding` by
   * that sum. `tasks` are requests and pieces. `isRerun` for a part of a batch that has failed.
   */
  onBatch?(event: {
    readonly source: BatchingSource;
    readonly tasks: number;
    readonly size: number;
    readonly padding: number;
    readonly isRerun: boolean;
  }): void;
  /**
   * A request was refused by the queue, or its deadline or its caller ended the wait for it, in the queue or in the run, or its batch
   * failed and was not run again for it.
   */
  onRejected?(event: {
    readonly source: BatchingSource;
    readonly size: number;
    readonly reason: RejectionReason;
  }): void;
}

/** Calls one method of an observer, if it is there, and drops what it throws. */
export function notify<N extends keyof BatchingObserver>(
  observer: BatchingObserver,
  name: N,
  event: Parameters<NonNullable<BatchingObserver[N]>>[0],
): void {
  try {
    observer[name]?.(event as never);
  } catch {
    // Nothing that is measured may fail for it.
  }
}
