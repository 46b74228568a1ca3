/** How long a request's run may take. */
import { type Clock, type RunOptions, runPredict, ServingError, type Signature } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import type { NamedTensors } from '@serving/core/tensor';
import type { HeldServable } from './held-servable.js';
import type { HttpRequest } from './http-message.js';
import type { RestModelServer } from './rest-model-server.js';

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

  /** Runs a predict with what {@link of} gave. @throws ServingError what went wrong, as {@link reason} words it. */
  async run(
    server: RestModelServer,
    held: HeldServable,
    signature: Signature,
    inputs: NamedTensors,
    options: RunOptions,
  ): Promise<NamedTensors> {
    try {
      return await runPredict(server, held.handle, signature, inputs, options);
    } catch (reason) {
      throw this.reason(reason, options);
    }
  }

  /** What a run failed with; a time-out in the words that clients of the reference know. */
  reason(reason: unknown, { deadline }: RunOptions): unknown {
    if (deadline === undefined || this.#clock.now() < deadline) return reason;
    if (ServingError.from(reason).code !== 'DEADLINE_EXCEEDED') return reason;
    return new ServingError('DEADLINE_EXCEEDED', 'Timed out waiting for notification', { cause: reason });
  }
}
