/** How long a request's run may take. */
import { type Clock, type RunOptions, ServingError } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import type { HttpRequest } from './http-message.js';

/** Gives runs their deadline and their client's signal, and words the error of those that took too long. */
export class RunLimits {
  readonly #timeoutMs: number;
  readonly #clock: Clock;

  /** @param timeoutMs 0 or less: no limit. */
  constructor(timeoutMs: number, clock: Clock) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** For a run that starts now. */
  of({ signal }: HttpRequest, trace?: RequestTrace): RunOptions {
    const limits = this.#limits(signal);
    return trace === undefined ? limits : { ...limits, trace };
  }

  #limits(signal: AbortSignal | undefined): RunOptions {
    if (this.#timeoutMs <= 0) return signal ? { signal } : {};
    const deadline = this.#clock.now() + this.#timeoutMs;
    return signal ? { signal, deadline } : { deadline };
  }

  /** What a run failed with; a time-out in the words that clients of the reference know. */
  reason(reason: unknown, { deadline }: RunOptions): unknown {
    if (deadline === undefined || this.#clock.now() < deadline) return reason;
    if (ServingError.from(reason).code !== 'DEADLINE_EXCEEDED') return reason;
    return new ServingError('DEADLINE_EXCEEDED', 'Timed out waiting for notification', { cause: reason });
  }
}
