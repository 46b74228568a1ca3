/** A clock that a test moves by hand. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.js';

/** Time stands still but for {@link ManualClock.advance}. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ readonly time: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#now;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { time: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Fires what falls due, in order, and lets what follows from each happen. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = timer.time;
      timer.callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #next(end: number): { readonly time: number; readonly callback: () => void } | undefined {
    return [...this.#timers].filter(({ time }) => time <= end).sort((a, b) => a.time - b.time)[0];
  }
}

/** Lets everything happen that needs no time and no input or output. */
export async function settle(): Promise<void> {
  await setImmediate();
}

/** Whether a promise has settled once everything has happened that needs no time. */
export function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, settle().then(() => false)]);
}
