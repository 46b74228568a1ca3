/** A run that its caller stops waiting for when a signal aborts or a deadline passes. */
import type { DeadlineTimer, TimedWait } from './deadline-timer.js';
import { holdAgain } from './manager/serving-map.js';
import type { InferenceServable, RunOptions } from './servable/inference-servable.js';
import type { ServableHandle } from './servable/servable-handle.js';
import { formatServableId } from './servable/servable-id.js';
import type { Signature } from './servable/signature.js';
import { ServingError } from './serving-error.js';
import type { ErrorCode } from './status-code.js';
import type { NamedTensors } from './tensor/tensor.js';

/**
 * Runs, and rejects at once with `CANCELLED` (`DEADLINE_EXCEEDED` for the signal of a time-out) or `DEADLINE_EXCEEDED`,
 * whether the servable heeds its options or not. The version is held until the servable is done.
 */
export function runWithLimits(
  handle: ServableHandle<InferenceServable>,
  signature: Signature,
  inputs: NamedTensors,
  options: RunOptions,
  timer: DeadlineTimer,
): Promise<NamedTensors> {
  return new Promise((resolve, reject) => {
    const { signal, deadline } = options;
    const giveUp = (code: ErrorCode): void => {
      stopWaiting();
      const what = code === 'CANCELLED' ? 'was cancelled' : 'took longer than its deadline allows';
      reject(
        new ServingError(code, `The run of ${formatServableId(handle.id)}, signature "${signature.name}", ${what}`),
      );
    };
    const onAbort = (): void => giveUp(isTimeout(signal?.reason) ? 'DEADLINE_EXCEEDED' : 'CANCELLED');
    const wait: TimedWait | undefined =
      deadline === undefined ? undefined : { deadline, onExpired: () => giveUp('DEADLINE_EXCEEDED') };
    const stopWaiting = (): void => {
      if (wait) timer.remove(wait);
      signal?.removeEventListener('abort', onAbort);
    };
    if (signal?.aborted) return onAbort();
    if (wait) timer.add(wait);
    signal?.addEventListener('abort', onAbort, { once: true });
    const hold = holdAgain(handle);
    const done = (): void => {
      stopWaiting();
      hold?.release();
    };
    startRun(handle.servable, signature, inputs, options).then(
      (outputs) => {
        done();
        resolve(outputs);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}

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
