/** A clock that a test moves by hand. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@serving/core/extend';

/**
 * Time stands still but for {@link ManualClock.advance}. Give the same one to the model server and to whatever serves it.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * const { server } = await startTestServer({ models, clock, batching: { batchTimeoutMs: 5 } });
 * const answer = server.predict(request);
 * await clock.advance(5); // the batch is closed now
 * ```
 */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  /** Milliseconds that the test has let pass. */
  now(): number {
    return this.#now;
  }

  /** 2023-11-14T22:13:20Z, and what the test has let pass. */
  wallTime(): number {
    return 1_700_000_000_000 + this.#now;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { time: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that are neither due nor cancelled. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Lets time pass: fires what falls due, in the order of time, each when what followed from the one before has happened. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.time);
      timer.callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.time <= end && (!next || timer.time < next.time)) next = timer;
    }
    return next;
  }
}

interface Timer {
  readonly time: number;
  readonly callback: () => void;
}

/** Resolves when everything has happened that needs neither time nor input or output. */
export async function settle(): Promise<void> {
  await setImmediate();
}

/** Whether a promise has resolved or rejected once everything has happened that needs no time. */
export function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, settle().then(() => false)]);
}
