/** Frees native objects off the event loop. */
import type { CallEach } from './call-each.js';
import type { Address } from './libc.js';

/**
 * Freeing a tensor whose memory is an engine's waits for the engine's allocator, which may itself wait for another
 * thread, seconds long. So objects gather here for a tick of the event loop, and one call on a thread frees them all.
 * While that call waits, later ticks' objects gather too: no more than one thread is ever held.
 */
export class NativeDisposal {
  readonly #freeEach: CallEach;
  #objects: Address[] = [];
  #isScheduled = false;

  constructor(freeEach: CallEach) {
    this.#freeEach = freeEach;
  }

  /** Takes an object over. */
  add(object: Address): void {
    this.#objects.push(object);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#freeAll);
  }

  readonly #freeAll = (): void => {
    const objects = this.#objects;
    this.#objects = [];
    this.#freeEach(objects, this.#onFreed);
  };

  readonly #onFreed = (): void => {
    if (this.#objects.length > 0) setImmediate(this.#freeAll);
    else this.#isScheduled = false;
  };
}
