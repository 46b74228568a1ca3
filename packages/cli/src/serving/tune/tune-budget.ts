/** Divides the time of a measurement among what is still to do. */
import type { Clock } from '@serving/core/extend';

/** What is still to do. */
export interface RemainingWork {
  readonly slices: number;
  readonly starts: number;
}

/** Shorter slices would measure little but the first requests. */
const MIN_SLICE_MS = 100;

/** Starts with its creation. */
export class TuneBudget {
  readonly #clock: Clock;
  readonly #endMs: number;
  /** For how long a server is loaded before it is measured: a sixtieth of the time. */
  readonly warmUpMs: number;
  #startsMs = 0;
  #starts = 0;

  constructor(seconds: number, clock: Clock) {
    this.#clock = clock;
    this.#endMs = clock.now() + seconds * 1000;
    this.warmUpMs = Math.max(MIN_SLICE_MS, (seconds * 1000) / 60);
  }

  get isSpent(): boolean {
    return this.#clock.now() >= this.#endMs;
  }

  /** Runs a start of a server and its warm-up, whose time is expected of the next ones. */
  async start<T>(start: () => Promise<T>): Promise<T> {
    const before = this.#clock.now();
    const started = await start();
    this.#startsMs += this.#clock.now() - before;
    this.#starts++;
    return started;
  }

  /** Milliseconds of the next slice, at least 100. */
  sliceMs({ slices, starts }: RemainingWork): number {
    const forStarts = starts * (this.#startsMs / Math.max(this.#starts, 1));
    return Math.max(MIN_SLICE_MS, (this.#endMs - this.#clock.now() - forStarts) / slices);
  }
}
