/** What a call tells those who answer it. */

import { ServingError } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import { type Clock, systemClock } from '@serving/core/extend';
import type { Caller } from '@serving/core/internal';

/** The part of grpc-js's calls that is needed. */
export interface CancellableCall {
  readonly cancelled: boolean;
  /**
   * Gives the memory of the request to later ones: nothing of the request may be read from then on. Absent where it can't be used again.
   */
  readonly releaseRequest?: (() => void) | undefined;
  readonly metadata?: { get(name: string): readonly (string | Buffer)[] };
  getDeadline(): Date | number;
  on(event: 'cancelled', listener: () => void): unknown;
  removeListener(event: 'cancelled', listener: () => void): unknown;
}

/** Its signal and deadline are made when they are first read: a run that takes microseconds needs neither. */
export class CallContext implements Caller {
  /** The request, when it is measured. */
  readonly trace: RequestTrace | undefined;
  readonly #call: CancellableCall;
  readonly #clock: Clock;
  #abort: (() => void) | undefined;
  #signal: AbortSignal | undefined;
  #deadline: number | undefined;
  #hasDeadline: boolean | undefined;

  constructor(call: CancellableCall, clock: Clock, trace?: RequestTrace) {
    this.trace = trace;
    this.#call = call;
    this.#clock = clock;
  }

  /** A value of the client's metadata, by its name in lower case. */
  header(name: string): string | undefined {
    return this.#call.metadata?.get(name)[0]?.toString();
  }

  get isAborted(): boolean {
    return this.#call.cancelled;
  }

  /** Aborts when the client cancels or is gone. */
  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal;
    const controller = new AbortController();
    this.#signal = controller.signal;
    if (this.#call.cancelled) controller.abort();
    else {
      this.#abort = () => controller.abort();
      this.#call.on('cancelled', this.#abort);
    }
    return this.#signal;
  }

  /** The client's deadline, if it has one, on the model server's clock; the earlier one where the request has its own. */
  get deadline(): number | undefined {
    if (this.#hasDeadline === undefined) {
      const deadline = Number(this.#call.getDeadline());
      this.#hasDeadline = Number.isFinite(deadline);
      if (this.#hasDeadline) this.#limit(this.#clock.now() + deadline - systemClock.wallTime());
    }
    return this.#deadline;
  }

  /** Ends the wait in `timeoutMs` from now, unless it ends before. */
  limit(timeoutMs: number): void {
    this.#limit(this.#clock.now() + timeoutMs);
  }

  #limit(deadline: number): void {
    this.#deadline = Math.min(deadline, this.#deadline ?? deadline);
  }

  /** @throws ServingError `CANCELLED` when the client is gone, `DEADLINE_EXCEEDED` when its deadline has passed. */
  checkGoesOn(): void {
    checkGoesOn(this, this.#clock);
  }

  /** See {@link CancellableCall.releaseRequest}. */
  releaseRequest(): void {
    this.#call.releaseRequest?.();
  }

  /**
   * The call is answered. grpc-js calls every call cancelled in the end, which would abort signals needlessly. Only where
   * the deadline ended the wait, the run goes on and its signal is aborted.
   */
  done(): void {
    if (this.#abort === undefined) return;
    this.#call.removeListener('cancelled', this.#abort);
    if (this.#deadline !== undefined && this.#clock.now() >= this.#deadline) this.#abort();
  }
}

/** @throws ServingError as {@link CallContext.checkGoesOn}. */
export function checkGoesOn(
  { deadline, isAborted }: { readonly deadline: number | undefined; readonly isAborted: boolean },
  clock: Clock,
): void {
  if (deadline !== undefined && clock.now() >= deadline) {
    throw new ServingError('DEADLINE_EXCEEDED', 'The deadline passed before the request was read');
  }
  if (isAborted) throw new ServingError('CANCELLED', 'The client went before its request was read');
}
