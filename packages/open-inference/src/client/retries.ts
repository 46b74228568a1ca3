/** Requests that are sent again while a server is unavailable. */
import { OpenInferenceError } from './open-inference-error.js';

/** How a client sends requests again. */
export interface RetryOptions {
  /** How often a request is sent again that the server was not available for. Loads and unloads are not. Default: 3. */
  readonly retries?: number;
  /** Milliseconds to wait before the given retry, from 1. Default: 100 doubled each time, of which a random part of at least a half. */
  readonly retryDelayMs?: (retry: number) => number;
}

/** Retries of one client. */
export class Retries {
  readonly #most: number;
  readonly #delayMs: (retry: number) => number;

  constructor({ retries = 3, retryDelayMs = jittered }: RetryOptions) {
    this.#most = retries;
    this.#delayMs = retryDelayMs;
  }

  /** The result of an attempt, or what the last one failed with. Aborting the signal ends a wait with its reason. */
  async run<Result>(attempt: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    for (let retry = 1; ; retry++) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof OpenInferenceError && error.isUnavailable) || retry > this.#most) throw error;
      }
      await delay(this.#delayMs(retry), signal);
    }
  }
}

/** Clients that were refused together do not come back together. */
function jittered(retry: number): number {
  return 100 * 2 ** (retry - 1) * (0.5 + Math.random() / 2);
}

function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
