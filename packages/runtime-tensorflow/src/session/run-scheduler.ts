/** Keeps the number of calls on libuv's pool below its size, so that file reads and DNS look-ups find a free thread. */
import { type Clock, systemClock } from '@serving/core';

/** Something that occupies a thread of the pool from `start` until its lane's {@link PoolLane.release}. */
export interface PoolTask {
  /** Called once, at once or later. Must not throw. */
  start(): void;
}

/** The runs of one session: they start in the order in which they came, and take turns with those of other sessions. */
export interface PoolLane {
  /** Starts a run, now or when its turn comes. */
  submit(task: PoolTask): void;
  /** Takes a run out of the queue; `false` when it isn't there (any more). */
  remove(task: PoolTask): boolean;
  /** A run is over. */
  release(): void;
}

/**
 * One per runtime. Where the pool has a thread to spare, and the limit is above 1, one run may go beyond it: that of a session
 * which has none under way, while another has two or more, so that a model that is asked now and then need not wait for a
 * whole run of a busy one; or any of a session that has been the only one for a second. The processors are then busy also while
 * one run ends and the next begins, or waits for its kernels' threads: a fifth more throughput on two of them.
 * Loads and unloads share the limit; one of them may always start next, and no run goes beyond the limit meanwhile. They
 * leave a thread to runs where the limit is above 1, so that a model serves on while another loads.
 */
export class PoolLimiter {
  /** How many may be on the pool at a time. */
  readonly limit: number;
  readonly #hasSpare: boolean;
  /** Lanes where runs wait; the next one to start a run comes first. */
  readonly #rotation: Lane[] = [];
  readonly #lifecycle = new Set<PoolTask>();
  #active = 0;
  #activeLifecycle = 0;
  /** Lanes with two runs under way or more. */
  #crowded = 0;
  readonly #clock: Clock;
  /** Whose run came last, and when the last one of another came. */
  #latest: Lane | undefined;
  #sharedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param limit from 1
   * @param hasSpare whether the pool can take one more
   */
  constructor(limit: number, hasSpare = false, clock: Clock = systemClock) {
    this.limit = limit;
    this.#hasSpare = hasSpare && limit > 1;
    this.#clock = clock;
  }

  /** A lane of its own for a session. */
  openLane(): PoolLane {
    const lane: Lane = {
      running: 0,
      waiting: new Set(),
      submit: (task) => this.#submit(lane, task),
      remove: (task) => this.#remove(lane, task),
      release: () => this.#release(lane),
    };
    return lane;
  }

  /** Makes a load or an unload when its turn comes, and settles as `work` does. */
  runLifecycle<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#activeLifecycle--;
        this.#active--;
        this.#startNext();
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

  #submit(lane: Lane, task: PoolTask): void {
    if (lane !== this.#latest) {
      if (this.#latest !== undefined) this.#sharedAt = this.#clock.now();
      this.#latest = lane;
    }
    if (this.#active < this.limit && this.#rotation.length === 0) this.#start(lane, task);
    else if (lane.waiting.size === 0 && this.#maySpare(lane)) this.#start(lane, task);
    else if (lane.waiting.add(task).size === 1) this.#rotation.push(lane);
  }

  #remove(lane: Lane, task: PoolTask): boolean {
    if (!lane.waiting.delete(task)) return false;
    if (lane.waiting.size === 0) this.#rotation.splice(this.#rotation.indexOf(lane), 1);
    return true;
  }

  #release(lane: Lane): void {
    this.#active--;
    lane.running--;
    if (lane.running === 1) this.#crowded--;
    this.#startNext();
  }

  #maySpare(lane: Lane): boolean {
    if (!this.#hasSpare || this.#active !== this.limit) return false;
    // The next thread that becomes free is the load's, and with a spared run none would.
    if (this.#activeLifecycle === 0 && this.#lifecycle.size > 0) return false;
    if (lane.running === 0 && this.#crowded > 0) return true;
    return lane === this.#latest && this.#clock.now() - this.#sharedAt > ALONE_MS;
  }

  #startNext(): void {
    while (this.#active < this.limit) {
      const lifecycleFirst = this.#activeLifecycle === 0 || this.#rotation.length === 0;
      const mayStartLifecycle = this.#activeLifecycle < Math.max(1, this.limit - 1);
      if (this.#lifecycle.size > 0 && lifecycleFirst && mayStartLifecycle) this.#startLifecycle();
      else if (this.#rotation.length > 0) this.#startWaiting(0);
      else return;
    }
    const spared = this.#rotation.findIndex((lane) => this.#maySpare(lane));
    if (spared >= 0) this.#startWaiting(spared);
  }

  #startLifecycle(): void {
    const task = first(this.#lifecycle);
    this.#lifecycle.delete(task);
    this.#activeLifecycle++;
    this.#active++;
    task.start();
  }

  #startWaiting(place: number): void {
    const [lane] = this.#rotation.splice(place, 1) as [Lane];
    const task = first(lane.waiting);
    lane.waiting.delete(task);
    if (lane.waiting.size > 0) this.#rotation.push(lane);
    this.#start(lane, task);
  }

  #start(lane: Lane, task: PoolTask): void {
    this.#active++;
    lane.running++;
    if (lane.running === 2) this.#crowded++;
    task.start();
  }
}

/** For so long after another session's run the spare thread is kept for such a one. */
const ALONE_MS = 1000;

interface Lane extends PoolLane {
  running: number;
  readonly waiting: Set<PoolTask>;
}

/** Of a set that isn't empty. */
function first(tasks: ReadonlySet<PoolTask>): PoolTask {
  return tasks.values().next().value!;
}
