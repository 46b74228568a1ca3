/** One run on libuv's pool: waits for its turn, runs, and settles early when the caller gives up. */
import { ServingError } from '@serving/core';
import type { Clock, LimitCause, LimitedWait, RunLimits } from '@serving/core/extend';
import { type DeadlineTimer, limitError, limitsOf } from '@serving/core/internal';
import type { Tensor } from '@serving/core/tensor';
import type { NativeCall } from './native-call.js';
import type { RunLane, SlotTask } from './run-slots.js';
import type { SessionRunOptions } from './saved-model-runtime.js';

/** What a run needs from its session, and what it calls at its end. */
export interface ThreadedRunOwner<S> {
  readonly call: NativeCall<S>;
  readonly lane: RunLane;
  readonly clock: Clock;
  readonly deadlines: DeadlineTimer;
  /**
   * The native run is over (`micros` since it was handed over, `idleMicros` of which the event loop waited), or it never began
   * (`undefined`). Called once.
   */
  onEnd(micros: number | undefined, idleMicros: number, inputBytes: number, requests: number): void;
}

/** What settles the promise of a run. */
export interface Settle {
  resolve(results: Tensor[]): void;
  reject(error: ServingError): void;
}

/**
 * The promise settles once: with the results, or as soon as the signal aborts or the deadline passes. A native run
 * without a caller keeps its thread until it ends, sooner where the engine can terminate it; its results are freed then.
 */
export class ThreadedRun<S> implements SlotTask, LimitedWait {
  readonly #owner: ThreadedRunOwner<S>;
  readonly #inputBytes: number;
  readonly #requests: number;
  readonly #settle: Settle;
  readonly #limits: RunLimits | undefined;
  #values: readonly Tensor[];
  #slot: S | undefined;
  #startedAt = 0;
  #idleAtStart = 0;
  #settled = false;

  constructor(
    owner: ThreadedRunOwner<S>,
    values: readonly Tensor[],
    inputBytes: number,
    options: SessionRunOptions | undefined,
    settle: Settle,
  ) {
    this.#owner = owner;
    this.#values = values;
    this.#inputBytes = inputBytes;
    this.#requests = options?.requests ?? 1;
    this.#settle = settle;
    this.#limits = options && limitsOf(options, owner.deadlines);
    this.#limits?.add(this);
  }

  start(): void {
    const { call, clock, lane } = this.#owner;
    try {
      const slot = call.open(this.#values);
      this.#slot = slot;
      this.#values = [];
      this.#startedAt = clock.now();
      this.#idleAtStart = performance.eventLoopUtilization().idle;
      // The closure holds this run, and with it all memory that the native call uses.
      call.runOnThread(slot, (error) => this.#finish(slot, error));
    } catch (error) {
      if (this.#slot !== undefined) call.close(this.#slot);
      this.#reject(ServingError.from(error, 'INTERNAL'));
      this.#owner.onEnd(undefined, 0, this.#inputBytes, this.#requests);
      lane.release();
    }
  }

  #finish(slot: S, error: unknown): void {
    const { call, clock, lane } = this.#owner;
    const micros = (clock.now() - this.#startedAt) * 1000;
    const idleMicros = (performance.eventLoopUtilization().idle - this.#idleAtStart) * 1000;
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
    this.#owner.onEnd(micros, idleMicros, this.#inputBytes, this.#requests);
  }

  /** The caller gives up. */
  onLimit(cause: LimitCause): void {
    if (this.#settled) return;
    this.#reject(limitError(cause));
    if (this.#slot !== undefined) this.#owner.call.terminate?.(this.#slot);
    else if (this.#owner.lane.remove(this)) this.#owner.onEnd(undefined, 0, this.#inputBytes, this.#requests);
  }

  #reject(error: ServingError): void {
    if (this.#settled) return;
    this.#end();
    this.#settle.reject(error);
  }

  #end(): void {
    this.#settled = true;
    this.#limits?.remove(this);
  }
}
