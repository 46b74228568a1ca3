/** What a request in process says of how it is to be run. */
import type { Clock } from '../clock.js';
import type { RequestTrace } from '../diagnostics/request-trace.js';
import type { RunOptions } from '../servable/inference-servable.js';
import { ServingError } from '../serving-error.js';

/** The part of a request that limits its run. */
interface LimitedRequest {
  readonly outputFilter?: readonly string[];
  readonly signal?: AbortSignal;
  /** Milliseconds from now. */
  readonly timeoutMs?: number;
}

/**
 * `undefined` when nothing is said.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a `timeoutMs` that is no time.
 */
export function toRunOptions(
  { outputFilter, signal, timeoutMs }: LimitedRequest,
  clock: Pick<Clock, 'now'>,
  trace?: RequestTrace,
): RunOptions | undefined {
  if (!outputFilter && !signal && timeoutMs === undefined) return trace && { trace };
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
    throw new ServingError('INVALID_ARGUMENT', `timeoutMs: expected a number from 0, got ${timeoutMs}`);
  }
  return {
    ...(outputFilter && { outputs: outputFilter }),
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { deadline: clock.now() + timeoutMs }),
    ...(trace && { trace }),
  };
}
