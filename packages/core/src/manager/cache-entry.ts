/** One version of a caching manager, and the requests that wait for it. */
import type { ServableHandle } from '../servable/servable-handle.js';
import { formatServableId, type ServableId } from '../servable/servable-id.js';
import { ServingError } from '../serving-error.js';

export class CacheEntry {
  readonly id: ServableId;
  /** Whether handles can be had. */
  isLoaded = false;
  /** Whether it is being unloaded. */
  isLeaving = false;
  /** The load or unload in flight. Never rejects. */
  work: Promise<void> | undefined;
  /** The number of the last request for it. */
  lastRequest = 0;
  readonly #waiters = new Set<Waiter>();

  constructor(id: ServableId) {
    this.id = id;
  }

  get hasWaiters(): boolean {
    return this.#waiters.size > 0;
  }

  /** Resolves with a handle as soon as there is one. Rejects with `CANCELLED` when the signal aborts first. */
  wait(signal: AbortSignal | undefined): Promise<ServableHandle> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener('abort', cancel);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        resolve: (handle) => {
          leave();
          resolve(handle);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const cancel = (): void =>
        waiter.reject(new ServingError('CANCELLED', `Waiting for servable ${formatServableId(this.id)} was cancelled`));
      if (signal?.aborted) return cancel();
      signal?.addEventListener('abort', cancel, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** Gives a handle to each that waits, in the order in which they came. */
  giveHandles(getHandle: () => ServableHandle): void {
    for (const waiter of this.#waiters) waiter.resolve(getHandle());
  }

  failAll(error: ServingError): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}

interface Waiter {
  readonly resolve: (handle: ServableHandle) => void;
  readonly reject: (error: ServingError) => void;
}
