/** How long a request may take: its run, and what is done in slices before and after it. */
import { type Clock, type RunOptions, runPredict, ServingError, type Signature } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import type { NamedTensors } from '@serving/core/tensor';
import type { SlicedWork } from '@serving/json-codec';
import { type SliceQueue, sliceQueue } from '../formats/slice-queue.js';
import type { HttpRequest } from '../http-message.js';
import type { RestModelServer } from './rest-model-server.js';
import type { HeldServable } from './servable-lease.js';

/** Gives runs their deadline and their client's signal, and words the error of those that took too long. */
export class RunLimits {
  readonly #timeoutMs: number | false;
  readonly #clock: Clock;
  readonly #queue: SliceQueue;

  constructor(timeoutMs: number | false, clock: Clock, queue: SliceQueue = sliceQueue) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#queue = queue;
  }

  /** For a run, or work in slices, that starts now. */
  of({ signal }: HttpRequest, trace?: RequestTrace): RunOptions {
    const limits = this.#limits(signal);
    return trace === undefined ? limits : { ...limits, trace };
  }

  #limits(signal: AbortSignal | undefined): RunOptions {
    if (this.#timeoutMs === false) return signal ? { signal } : {};
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

  /**
   * Does work on a large body or response, and lets the event loop turn between its slices.
   *
   * @throws ServingError what the work failed with, `CANCELLED` when the client goes, `DEADLINE_EXCEEDED` when it takes too long.
   */
  inSlices<T>(work: SlicedWork<T>, { signal, deadline = Number.POSITIVE_INFINITY }: RunOptions): Promise<T> {
    return this.#queue.run(work, () => {
      if (signal?.aborted) throw new ServingError('CANCELLED', 'The client went before its request was answered');
      if (this.#clock.now() >= deadline) throw new ServingError('DEADLINE_EXCEEDED', TIMED_OUT);
    });
  }

  /** What a run failed with; a time-out in the words that clients of the reference know. */
  reason(reason: unknown, { deadline }: RunOptions): unknown {
    if (deadline === undefined || this.#clock.now() < deadline) return reason;
    if (ServingError.from(reason).code !== 'DEADLINE_EXCEEDED') return reason;
    return new ServingError('DEADLINE_EXCEEDED', TIMED_OUT, { cause: reason });
  }
}

const TIMED_OUT = 'Timed out waiting for notification';
