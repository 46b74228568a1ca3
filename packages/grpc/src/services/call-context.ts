/** What a call tells those who answer it. */
import { type Clock, type RunLimits, systemClock } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';

/** The part of grpc-js's calls that is needed. */
export interface CancellableCall {
  readonly cancelled: boolean;
  getDeadline(): Date | number;
  on(event: 'cancelled', listener: () => void): unknown;
  removeListener(event: 'cancelled', listener: () => void): unknown;
}

/** Limits for the run of a call, made when they are needed: a run that takes microseconds needs none. */
export class CallContext {
  /** The request, when somebody measures. */
  readonly trace: RequestTrace | undefined;
  readonly #call: CancellableCall;
  readonly #clock: Clock;
  readonly #aborts: (() => void)[] = [];
  #deadline: number = Number.POSITIVE_INFINITY;

  constructor(call: CancellableCall, clock: Clock, trace?: RequestTrace) {
    this.trace = trace;
    this.#call = call;
    this.#clock = clock;
  }

  get cancelled(): boolean {
    return this.#call.cancelled;
  }

  /** A signal that aborts when the client cancels or is gone, and the client's deadline, if it has one, on the model server's clock. */
  limits(): RunLimits {
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    if (this.#call.cancelled) abort();
    else {
      this.#call.on('cancelled', abort);
      this.#aborts.push(abort);
    }
    const { signal } = controller;
    const deadline = Number(this.#call.getDeadline());
    const limits: RunLimits = this.trace === undefined ? { signal } : { signal, trace: this.trace };
    if (!Number.isFinite(deadline)) return limits;
    this.#deadline = this.#clock.now() + deadline - systemClock.wallTime();
    return { ...limits, deadline: this.#deadline };
  }

  /**
   * The call is answered. grpc-js calls every call cancelled in the end, which would abort signals for nothing; only where
   * the deadline is what ended the wait does the run go on, and is to be told.
   */
  done(): void {
    const isLate = this.#clock.now() >= this.#deadline;
    for (const abort of this.#aborts) {
      this.#call.removeListener('cancelled', abort);
      if (isLate) abort();
    }
  }
}
