/** Permits for work on libuv's pool, which is one for all threads of a process. */

/** Memory in which threads count together. */
export interface SharedPermitsMemory {
  readonly counts: SharedArrayBuffer;
  readonly limit: number;
}

const TAKEN = 0;
/** Changes with every permit that comes back while a thread waits. */
const RETURNS = 1;
/** Threads that wait. */
const WAITING = 2;
const WORDS = 3;

/** Waits without blocking; TypeScript's library of this target does not have it. */
type WaitAsync = (
  array: Int32Array,
  index: number,
  value: number,
) => { readonly async: false } | { readonly async: true; readonly value: Promise<unknown> };

const { waitAsync } = Atomics as unknown as { readonly waitAsync: WaitAsync };

/** One thread's view of the permits. */
export class SharedPermits {
  readonly memory: SharedPermitsMemory;
  readonly #counts: Int32Array;
  readonly #onFree: () => void;
  #isWaiting = false;

  /** @param onFree called after {@link tryTake} has failed, when there may be a permit */
  constructor(memory: SharedPermitsMemory, onFree: () => void) {
    this.memory = memory;
    this.#counts = new Int32Array(memory.counts);
    this.#onFree = onFree;
  }

  /** @param taken permits that are in use already */
  static create(limit: number, taken: number, onFree: () => void): SharedPermits {
    const counts = new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
    new Int32Array(counts)[TAKEN] = taken;
    return new SharedPermits({ counts, limit }, onFree);
  }

  /** Takes a permit, unless all are taken. */
  tryTake(): boolean {
    if (this.#take()) return true;
    if (this.#isWaiting) return false;
    const returns = Atomics.load(this.#counts, RETURNS);
    Atomics.add(this.#counts, WAITING, 1);
    // One that came back before this thread was known to wait.
    if (this.#take()) {
      Atomics.sub(this.#counts, WAITING, 1);
      return true;
    }
    this.#isWaiting = true;
    const wait = waitAsync(this.#counts, RETURNS, returns);
    void (wait.async ? wait.value : Promise.resolve()).then(() => {
      this.#isWaiting = false;
      Atomics.sub(this.#counts, WAITING, 1);
      this.#onFree();
    });
    return false;
  }

  give(): void {
    Atomics.sub(this.#counts, TAKEN, 1);
    if (Atomics.load(this.#counts, WAITING) === 0) return;
    Atomics.add(this.#counts, RETURNS, 1);
    Atomics.notify(this.#counts, RETURNS);
  }

  #take(): boolean {
    for (;;) {
      const taken = Atomics.load(this.#counts, TAKEN);
      if (taken >= this.memory.limit) return false;
      if (Atomics.compareExchange(this.#counts, TAKEN, taken, taken + 1) === taken) return true;
    }
  }
}
