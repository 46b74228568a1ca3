/** Ends many waits at their deadlines with one timer. */
import type { Clock } from '../clock.js';

/** The longest delay that `setTimeout` knows. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A wait that may have a deadline, until it is taken out of its timer. */
export interface TimedWait {
  /** `Clock.now()` time; `Infinity` for none. */
  readonly deadline: number;
  onExpired(): void;
  /** Called by {@link DeadlineTimer.giveUpAll}. */
  onGivenUp(): void;
}

/**
 * Adding and removing a wait touches no timer as long as deadlines come in order, as those of requests with one time
 * limit do. A timer that finds nothing expired goes to sleep again until the next deadline.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #waits = new Set<TimedWait>();
  #wakeTime = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(wait: TimedWait): void {
    this.#waits.add(wait);
    if (wait.deadline < this.#wakeTime) this.#sleepUntil(wait.deadline);
  }

  remove(wait: TimedWait): void {
    this.#waits.delete(wait);
  }

  /** Ends every wait now, whatever its deadline. No timer is left. */
  giveUpAll(): void {
    this.#cancelTimer?.();
    this.#wakeTime = Number.POSITIVE_INFINITY;
    for (const wait of this.#waits) {
      this.#waits.delete(wait);
      wait.onGivenUp();
    }
  }

  #sleepUntil(time: number): void {
    this.#cancelTimer?.();
    this.#wakeTime = time;
    const delay = Math.ceil(time - this.#clock.now());
    this.#cancelTimer = this.#clock.setTimer(() => this.#wake(), Math.min(Math.max(delay, 0), MAX_TIMER_MS));
  }

  #wake(): void {
    this.#wakeTime = Number.POSITIVE_INFINITY;
    this.#cancelTimer = undefined;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const wait of this.#waits) {
      if (wait.deadline <= now) {
        this.#waits.delete(wait);
        wait.onExpired();
      } else if (wait.deadline < next) next = wait.deadline;
    }
    if (next < this.#wakeTime) this.#sleepUntil(next);
  }
}
