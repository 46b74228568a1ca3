/** Time, injectable, so that nothing in a test has to sleep. */

/** Where every wait and every time stamp of the library comes from. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  now(): number;
  /** Milliseconds since the epoch, for time stamps that a person reads. */
  wallTime(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. A pending timer does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
