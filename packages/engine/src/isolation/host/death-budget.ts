/** Decides when a process that ended is started again, and when no more. */
import type { Clock } from '@serving/core/extend';

const MINUTE_MS = 60_000;
/** Milliseconds before a restart, by how many ends the last minute has had; the last one from then on. */
const DELAYS_MS: readonly number[] = [0, 250, 500, 1000, 2000];

/** What follows an end. */
export interface AfterDeath {
  /** Ends within the last minute, this one included. */
  readonly count: number;
  /** Whether there were more than allowed. */
  readonly isExceeded: boolean;
  /** How long to wait before the restart. */
  readonly delayMs: number;
}

/** Counts the ends of one version's processes within the last minute. */
export class DeathBudget {
  readonly #clock: Clock;
  readonly #maxPerMinute: number;
  #times: number[] = [];

  /** @param maxPerMinute `false` for no limit */
  constructor(clock: Clock, maxPerMinute: number | false) {
    this.#clock = clock;
    this.#maxPerMinute = maxPerMinute === false ? Number.POSITIVE_INFINITY : maxPerMinute;
  }

  /** Records an end. */
  record(): AfterDeath {
    const now = this.#clock.now();
    this.#times = this.#times.filter((time) => now - time < MINUTE_MS);
    this.#times.push(now);
    const count = this.#times.length;
    const delayMs = DELAYS_MS[Math.min(count, DELAYS_MS.length) - 1]!;
    return { count, isExceeded: count > this.#maxPerMinute, delayMs };
  }
}
