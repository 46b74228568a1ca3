/** Frees native objects off the event loop. */
import type { CallEach } from './call-each.js';
import type { Address } from './libc.js';

/** How long objects gather, and how many at most. A call for each tick of a busy loop would interrupt it as often. */
const GATHER_MS = 5;
const MOST_GATHERED = 64;

/**
 * Freeing a tensor whose memory is an engine's waits for the engine's allocator, which may itself wait for another
 * thread, seconds long. So objects gather here for 5 ms, or until there are 64, and one call on a thread frees them all.
 * While that call waits, later objects gather too: no more than one thread is ever held.
 */
export class NativeDisposal {
  readonly #freeEach: CallEach;
  #objects: Address[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isFreeing = false;

  constructor(freeEach: CallEach) {
    this.#freeEach = freeEach;
  }

  /** Takes an object over. */
  add(object: Address): void {
    const count = this.#objects.push(object);
    if (this.#isFreeing) return;
    if (count === 1) this.#timer = setTimeout(this.#freeAll, GATHER_MS);
    else if (count === MOST_GATHERED) this.#freeAll();
  }

  readonly #freeAll = (): void => {
    clearTimeout(this.#timer);
    const objects = this.#objects;
    this.#objects = [];
    this.#isFreeing = true;
    this.#freeEach(objects, this.#onFreed);
  };

  readonly #onFreed = (): void => {
    this.#isFreeing = false;
    const { length } = this.#objects;
    if (length >= MOST_GATHERED) this.#freeAll();
    else if (length > 0) this.#timer = setTimeout(this.#freeAll, GATHER_MS);
  };
}
