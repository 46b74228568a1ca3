/** The fair slots of an engine, for runs that wait in lanes. */
import { type Clock, type SlotsView, systemClock } from '@serving/core/extend';
import { FairSlots, type SlotMember } from '@serving/core/internal';
import { SharedPermits, type SharedPermitsMemory } from './shared-permits.js';

/** Holds a slot from `start` until its lane's {@link RunLane.release}. */
export interface SlotTask {
  /** Called once, at once or later. Must not throw. */
  start(): void;
}

/** The runs of one session: they start in the order in which they came, and take turns with those of other sessions. */
export interface RunLane {
  /** Starts a run, now or when its turn comes. */
  submit(task: SlotTask): void;
  /** Takes a run out of the queue; `false` when it isn't there (any more). */
  remove(task: SlotTask): boolean;
  /** A run is over. */
  release(): void;
}

/** The slots of an engine, for its other threads. */
export interface SharedSlots {
  readonly limit: number;
  readonly hasSpare: boolean;
  readonly permits: SharedPermitsMemory;
}

/** For so long after another session's run the spare slot is kept for such a one. */
const ALONE_MS = 1000;

/**
 * One per engine. It keeps the number of calls on libuv's pool below the pool's size, so that file reads and DNS look-ups
 * find a free thread; `FairSlots` decides whose run begins. A run beyond the limit gave a fifth more throughput on two processors.
 */
export class RunSlots implements SlotsView {
  readonly #slots: FairSlots<Lane>;
  readonly #limit: number;
  readonly #hasSpare: boolean;
  #permits: SharedPermits | undefined;

  /**
   * @param limit of runs, loads and unloads at a time, from 1
   * @param hasSpare whether the pool can take one more; ignored with a limit of 1
   */
  constructor(limit: number, hasSpare = false, clock: Clock = systemClock) {
    this.#limit = limit;
    this.#hasSpare = hasSpare && limit > 1;
    this.#slots = new FairSlots(limit, {
      hasSpare: this.#hasSpare,
      aloneMs: ALONE_MS,
      clock,
      gate: {
        tryTake: () => this.#permits?.tryTake() ?? true,
        give: () => this.#permits?.give(),
      },
      onChanged: this.#startAll,
    });
  }

  /** The slots of one thread among others of its process, which together run no more than one would. */
  static ofShared({ limit, hasSpare, permits }: SharedSlots, clock: Clock = systemClock): RunSlots {
    const slots = new RunSlots(limit, hasSpare, clock);
    slots.#permits = new SharedPermits(permits, slots.#startAll);
    return slots;
  }

  /** What {@link RunSlots.ofShared} makes slots of in another thread. From now on this thread's count with theirs. */
  share(): SharedSlots {
    this.#permits ??= SharedPermits.create(this.#limit + (this.#hasSpare ? 1 : 0), this.#slots.active, this.#startAll);
    return { limit: this.#limit, hasSpare: this.#hasSpare, permits: this.#permits.memory };
  }

  get wantsNext(): boolean {
    return this.#slots.wantsNext;
  }

  /** Opens a lane of its own for a session. */
  openLane(): RunLane {
    return new Lane(this.#slots);
  }

  readonly #startAll = (): void => startAll(this.#slots);

  /** See `FairSlots.runLifecycle`. */
  runLifecycle<T>(work: () => Promise<T>): Promise<T> {
    return this.#slots.runLifecycle(work);
  }
}

class Lane implements RunLane, SlotMember {
  running = 0;
  isListed = false;
  readonly #slots: FairSlots<Lane>;
  readonly #waiting = new Set<SlotTask>();

  constructor(slots: FairSlots<Lane>) {
    this.#slots = slots;
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  submit(task: SlotTask): void {
    this.#waiting.add(task);
    this.#slots.add(this);
    startAll(this.#slots);
  }

  remove(task: SlotTask): boolean {
    return this.#waiting.delete(task);
  }

  release(): void {
    this.#slots.release(this);
    startAll(this.#slots);
  }

  startNext(): void {
    const task = this.#waiting.values().next().value!;
    this.#waiting.delete(task);
    task.start();
  }
}

function startAll(slots: FairSlots<Lane>): void {
  for (let lane = slots.next(); lane; lane = slots.next()) lane.startNext();
}
