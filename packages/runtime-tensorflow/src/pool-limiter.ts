/** Keeps the number of calls on libuv's pool below its size, so that file reads and DNS look-ups find a free thread. */

/** Something that occupies a thread of the pool from `start` until it calls {@link PoolLimiter.release}. */
export interface PoolTask {
  /** Called once, at once or later. Must not throw. */
  start(): void;
}

/**
 * One per runtime. Runs start in the order in which they came. Loads and unloads share the limit; one of them may always
 * start next, but they leave a thread to runs where the limit is above 1, so that a model serves on while another loads.
 */
export class PoolLimiter {
  readonly #limit: number;
  readonly #runs = new Set<PoolTask>();
  readonly #lifecycle = new Set<PoolTask>();
  #active = 0;
  #activeLifecycle = 0;

  /** @param limit how many may be on the pool at a time, from 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Starts a run, now or when its turn comes. */
  submit(task: PoolTask): void {
    if (this.#active < this.#limit && this.#runs.size === 0) {
      this.#active++;
      task.start();
      return;
    }
    this.#runs.add(task);
  }

  /** Takes a run out of the queue; `false` when it isn't there (any more). */
  remove(task: PoolTask): boolean {
    return this.#runs.delete(task);
  }

  /** A run is over. */
  release(): void {
    this.#active--;
    this.#startNext();
  }

  /** Makes a load or an unload when its turn comes, and settles as `work` does. */
  runLifecycle<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#activeLifecycle--;
        this.release();
        settle();
      };
      const start = (): void => {
        work().then(
          (result) => end(() => resolve(result)),
          (error: unknown) => end(() => reject(error)),
        );
      };
      this.#lifecycle.add({ start });
      this.#startNext();
    });
  }

  #startNext(): void {
    while (this.#active < this.#limit) {
      const lifecycleFirst = this.#activeLifecycle === 0 || this.#runs.size === 0;
      const mayStartLifecycle = this.#activeLifecycle < Math.max(1, this.#limit - 1);
      const queue = this.#lifecycle.size > 0 && lifecycleFirst && mayStartLifecycle ? this.#lifecycle : this.#runs;
      const task = queue.values().next().value;
      if (task === undefined) return;
      queue.delete(task);
      this.#active++;
      if (queue === this.#lifecycle) this.#activeLifecycle++;
      task.start();
    }
  }
}
