/** Runs of a session whose model is in another process. */
import { ServingError } from '@serving/core';
import type { LimitCause, LimitedWait, RunLimits } from '@serving/core/extend';
import { abortCause, type DeadlineTimer, limitError, limitsOf } from '@serving/core/internal';
import type { Tensor } from '@serving/core/tensor';
import type { PreparedRun, SessionRunOptions } from '../../runtime/saved-model-runtime.js';
import type { RemoteRun } from './remote-run.js';

/** A time that ends a run with its process. */
export interface HardLimit {
  readonly maxRunMs: number;
  /** Watches it. */
  readonly timer: DeadlineTimer;
  /** A run has taken longer. */
  onOverdue(): void;
  /** The error of such a run. */
  overdueError(): ServingError;
}

/** What a run needs of its session. */
export interface RunSession {
  readonly deadlines: DeadlineTimer;
  /** `undefined` where the session does not watch one. */
  readonly hardLimit: HardLimit | undefined;
  /** Gives it to the process, now or when it can. */
  submit(run: IsolatedRun): void;
  /** Removes a run that waits no longer from the queue, or sends the process a message to end it. */
  giveUp(run: IsolatedRun): void;
  /** Called when a run is in flight no longer. */
  onSettled(): void;
}

/** A choice of feeds and fetches. The process has it under a number, as long as this object is referenced. */
export class IsolatedPreparedRun implements PreparedRun {
  readonly choice: number;
  readonly #session: RunSession;
  readonly #feedCount: number;

  constructor(session: RunSession, choice: number, feedCount: number) {
    this.#session = session;
    this.choice = choice;
    this.#feedCount = feedCount;
  }

  run(values: readonly Tensor[], options?: SessionRunOptions): Promise<Tensor[]> {
    const session = this.#session;
    return new Promise((resolve, reject) => {
      if (values.length !== this.#feedCount) {
        reject(ServingError.invalidArgument(`Expected ${this.#feedCount} inputs, got ${values.length}`));
      } else if (options?.signal?.aborted) {
        reject(limitError(abortCause(options.signal)));
      } else if (options?.deadline !== undefined && options.deadline <= session.deadlines.now()) {
        reject(limitError({ kind: 'expired' }));
      } else {
        const limits = options && limitsOf(options, session.deadlines);
        session.submit(new IsolatedRun(session, this, values, options, limits, resolve, reject));
      }
    });
  }
}

/** One run: waits for the process, is in flight there, and settles once. */
export class IsolatedRun implements RemoteRun, LimitedWait {
  readonly prepared: IsolatedPreparedRun;
  /** Whether it runs with no other at the same time. */
  readonly isSuspect: boolean;
  /** How many requests share it. */
  readonly requests: number;
  values: readonly Tensor[];
  /** Its id in the process; -1 while it waits. */
  id = -1;
  /** `Clock.now()` time at which its process is ended. */
  deadline: number = Number.POSITIVE_INFINITY;
  isSettled = false;
  readonly #session: RunSession;
  readonly #limits: RunLimits | undefined;
  readonly #resolve: (results: Tensor[]) => void;
  readonly #reject: (error: ServingError) => void;
  #isOverdue = false;

  constructor(
    session: RunSession,
    prepared: IsolatedPreparedRun,
    values: readonly Tensor[],
    options: SessionRunOptions | undefined,
    limits: RunLimits | undefined,
    resolve: (results: Tensor[]) => void,
    reject: (error: ServingError) => void,
  ) {
    this.#session = session;
    this.prepared = prepared;
    this.values = values;
    this.isSuspect = options?.isSuspect ?? false;
    this.requests = options?.requests ?? 1;
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    limits?.add(this);
  }

  /** Bytes of its inputs, before its start. */
  get inputBytes(): number {
    let bytes = 0;
    for (let i = 0; i < this.values.length; i++) bytes += this.values[i]!.data.byteLength;
    return bytes;
  }

  /** The process has it. */
  start(id: number): void {
    this.id = id;
    this.values = [];
    const { hardLimit } = this.#session;
    if (hardLimit === undefined) return;
    this.deadline = hardLimit.timer.now() + hardLimit.maxRunMs;
    hardLimit.timer.add(this);
  }

  succeed(results: Tensor[]): void {
    this.#leave();
    if (this.isSettled) return;
    this.#end();
    this.#resolve(results);
  }

  fail(error: ServingError): void {
    this.#leave();
    this.reject(error);
  }

  /** Its process ended while it was there, with this error unless the run is overdue. */
  onProcessEnd(error: ServingError): void {
    const { hardLimit } = this.#session;
    this.fail(this.#isOverdue && hardLimit ? hardLimit.overdueError() : error);
  }

  /** Settles it before it is in flight, or while it still is. */
  reject(error: ServingError): void {
    if (this.isSettled) return;
    this.#end();
    this.#reject(error);
  }

  /** Settles the run for its caller. The process runs it until the engine ends it. */
  onLimit(cause: LimitCause): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#reject(limitError(cause));
    this.#session.giveUp(this);
  }

  /** The hard limit has passed. */
  onExpired(): void {
    this.#isOverdue = true;
    this.#session.hardLimit?.onOverdue();
  }

  onGivenUp(): void {}

  #leave(): void {
    if (this.deadline !== Number.POSITIVE_INFINITY) this.#session.hardLimit?.timer.remove(this);
    this.#session.onSettled();
  }

  #end(): void {
    this.isSettled = true;
    this.#limits?.remove(this);
  }
}
