/** One run on libuv's pool: waits for its turn, runs, and settles early when the caller gives up. */
import { type Clock, ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { RunLane, SessionRunOptions, SlotTask } from '@serving/engine';
import type { CallSlot, GraphCall } from './graph-call.js';

/** What a run needs from its session, and whom it tells of its end. */
export interface ThreadedRunOwner {
  readonly call: GraphCall;
  readonly lane: RunLane;
  readonly clock: Clock;
  /** The native run is over (`micros` since it was handed over), or it never began (`undefined`). Called once. */
  onEnd(micros: number | undefined, inputBytes: number): void;
}

/** How the caller hears of a run. */
export interface Settle {
  resolve(results: Tensor[]): void;
  reject(error: ServingError): void;
}

/**
 * The promise settles once: with the results, or as soon as the signal aborts or the deadline passes. A native run can't
 * be stopped: given up, it keeps its thread until it ends by itself, and its results are freed then.
 */
export class ThreadedRun implements SlotTask {
  readonly #owner: ThreadedRunOwner;
  readonly #inputBytes: number;
  readonly #settle: Settle;
  readonly #signal: AbortSignal | undefined;
  #values: readonly Tensor[];
  #slot: CallSlot | undefined;
  #startedAt = 0;
  #settled = false;
  #onAbort: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(
    owner: ThreadedRunOwner,
    values: readonly Tensor[],
    inputBytes: number,
    options: SessionRunOptions | undefined,
    settle: Settle,
  ) {
    this.#owner = owner;
    this.#values = values;
    this.#inputBytes = inputBytes;
    this.#settle = settle;
    this.#signal = options?.signal;
    if (options !== undefined) this.#watch(options);
  }

  start(): void {
    const { call, clock, lane } = this.#owner;
    try {
      const slot = call.open(this.#values);
      this.#slot = slot;
      this.#values = [];
      this.#startedAt = clock.now();
      // The closure holds this run, and with it all memory that the native call uses.
      call.runOnThread(slot, (error) => this.#finish(slot, error));
    } catch (error) {
      if (this.#slot !== undefined) call.close(this.#slot);
      this.#reject(ServingError.from(error, 'INTERNAL'));
      this.#owner.onEnd(undefined, this.#inputBytes);
      lane.release();
    }
  }

  #finish(slot: CallSlot, error: unknown): void {
    const { call, clock, lane } = this.#owner;
    const micros = (clock.now() - this.#startedAt) * 1000;
    // The thread is free: the next run goes to it before this one's results are copied.
    lane.release();
    if (!this.#settled) {
      try {
        if (error) throw error;
        const results = call.read(slot);
        this.#end();
        this.#settle.resolve(results);
      } catch (reason) {
        this.#reject(ServingError.from(reason, 'INTERNAL'));
      }
    }
    call.closeThreaded(slot);
    this.#owner.onEnd(micros, this.#inputBytes);
  }

  #watch({ signal, deadline }: SessionRunOptions): void {
    if (signal !== undefined) {
      this.#onAbort = () => this.#giveUp(abortError(signal));
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    if (deadline !== undefined && deadline !== Number.POSITIVE_INFINITY) {
      const { clock } = this.#owner;
      this.#cancelTimer = clock.setTimer(() => this.#giveUp(deadlineError()), deadline - clock.now());
    }
  }

  #giveUp(error: ServingError): void {
    if (this.#settled) return;
    this.#reject(error);
    if (this.#owner.lane.remove(this)) this.#owner.onEnd(undefined, this.#inputBytes);
  }

  #reject(error: ServingError): void {
    if (this.#settled) return;
    this.#end();
    this.#settle.reject(error);
  }

  #end(): void {
    this.#settled = true;
    this.#cancelTimer?.();
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** The error of a run that the caller's signal gave up. */
export function abortError(signal: AbortSignal): ServingError {
  const reason: unknown = signal.reason;
  if (reason instanceof ServingError) return reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') return deadlineError(reason);
  return new ServingError('CANCELLED', 'The run was cancelled', { cause: reason });
}

/** The error of a run whose deadline passed, in TensorFlow's words. */
export function deadlineError(cause?: unknown): ServingError {
  return new ServingError('DEADLINE_EXCEEDED', 'Timed out waiting for notification', { cause });
}
