/** A run that its caller stops waiting for when a signal aborts, a deadline passes or the server gives up. */

import { holdAgain } from '../manager/serving-map.js';
import type { InferenceServable, RunOptions } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { formatServableId } from '../servable/servable-id.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import type { ErrorCode } from '../status-code.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { DeadlineTimer, TimedWait } from './deadline-timer.js';

/**
 * Runs, and rejects at once with `CANCELLED` (`DEADLINE_EXCEEDED` for the signal of a time-out), `DEADLINE_EXCEEDED`, or
 * `UNAVAILABLE` when the timer gives everything up, whether the servable heeds its options or not. The version is held
 * until the servable is done.
 */
export function runWithLimits(
  handle: ServableHandle<InferenceServable>,
  signature: Signature,
  inputs: NamedTensors,
  options: RunOptions,
  timer: DeadlineTimer,
): Promise<NamedTensors> {
  return new Promise((resolve, reject) => {
    const run = new LimitedRun(handle, signature, options, timer, reject);
    if (!run.begin()) return;
    const hold = holdAgain(handle);
    startRun(handle.servable, signature, inputs, options).then(
      (outputs) => {
        run.end();
        hold?.release();
        resolve(outputs);
      },
      (error: unknown) => {
        run.end();
        hold?.release();
        reject(error);
      },
    );
  });
}

class LimitedRun implements TimedWait {
  readonly deadline: number;
  readonly #handle: ServableHandle<InferenceServable>;
  readonly #signature: Signature;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: DeadlineTimer;
  readonly #reject: (error: ServingError) => void;
  #onAbort: (() => void) | undefined;

  constructor(
    handle: ServableHandle<InferenceServable>,
    signature: Signature,
    { signal, deadline = Number.POSITIVE_INFINITY }: RunOptions,
    timer: DeadlineTimer,
    reject: (error: ServingError) => void,
  ) {
    this.deadline = deadline;
    this.#handle = handle;
    this.#signature = signature;
    this.#signal = signal;
    this.#timer = timer;
    this.#reject = reject;
  }

  /** False when it is over before it has begun. */
  begin(): boolean {
    const signal = this.#signal;
    if (signal) {
      if (signal.aborted) {
        this.#onAborted(signal);
        return false;
      }
      this.#onAbort = () => this.#onAborted(signal);
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    this.#timer.add(this);
    return true;
  }

  /** May be called again. */
  end(): void {
    this.#timer.remove(this);
    if (this.#onAbort) this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  onExpired(): void {
    this.#giveUp('DEADLINE_EXCEEDED', TOO_LATE);
  }

  onGivenUp(): void {
    this.#giveUp('UNAVAILABLE', 'was given up: the model server closes');
  }

  #onAborted(signal: AbortSignal): void {
    if (isTimeout(signal.reason)) this.#giveUp('DEADLINE_EXCEEDED', TOO_LATE);
    else this.#giveUp('CANCELLED', 'was cancelled');
  }

  #giveUp(code: ErrorCode, what: string): void {
    this.end();
    const { id } = this.#handle;
    this.#reject(
      new ServingError(code, `The run of ${formatServableId(id)}, signature "${this.#signature.name}", ${what}`),
    );
  }
}

const TOO_LATE = 'took longer than its deadline allows';

/** Async, so that a servable that throws at once rejects like any other. */
async function startRun(
  servable: InferenceServable,
  signature: Signature,
  inputs: NamedTensors,
  options: RunOptions,
): Promise<NamedTensors> {
  return servable.run(signature, inputs, options);
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}
