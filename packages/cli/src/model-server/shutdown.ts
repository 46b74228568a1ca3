/** A shutdown that ends when its grace does. */
import type { Clock } from '@serving/core/extend';
import { type DrainableListener, type DrainableModelServer, drain } from '@serving/http';

/** What is shut down. */
export interface ShutdownParts {
  readonly listeners: readonly DrainableListener[];
  readonly modelServer: DrainableModelServer;
  /** Frees what is left when the models are unloaded. */
  release(): Promise<void>;
  readonly clock: Clock;
}

/** Milliseconds; `false` is none. */
export interface ShutdownLimits {
  /** How long requests are still taken after readiness turned false. */
  readonly drainDelayMs: number | false;
  /** When all is given up, counted from the start. */
  readonly graceMs: number | false;
}

/** `given-up`: requests, or the unloading of models, were still in flight when the grace was over. */
export type ShutdownOutcome = 'complete' | 'given-up';

/** Drains, closes, and frees what is left. Resolves shortly after the grace at the latest. */
export async function shutDown(parts: ShutdownParts, limits: ShutdownLimits): Promise<ShutdownOutcome> {
  const { listeners, modelServer, clock } = parts;
  const { drainDelayMs, graceMs } = limits;
  const startedAt = clock.now();
  const isTooLate = (): boolean => graceMs !== false && clock.now() - startedAt >= graceMs;
  const complete = drain(listeners, modelServer, { drainDelayMs, timeoutMs: graceMs, clock })
    .then(() => parts.release())
    .then((): ShutdownOutcome => (isTooLate() ? 'given-up' : 'complete'));
  if (graceMs === false) return complete;
  let cancel = (): void => undefined;
  const givenUp = new Promise<ShutdownOutcome>((resolve) => {
    cancel = clock.setTimer(() => resolve('given-up'), graceMs + LAST_STEPS_MS);
  });
  return Promise.race([complete, givenUp]).finally(() => cancel());
}

/** What the last logs of requests, and models that unload, get after the grace. */
const LAST_STEPS_MS = 2000;
