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

/** Node takes a longer delay for none. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer(callback, delayMs) {
    if (delayMs > MAX_DELAY_MS) return setLongTimer(callback, delayMs);
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

function setLongTimer(callback: () => void, delayMs: number): () => void {
  let cancel = systemClock.setTimer(() => {
    cancel = systemClock.setTimer(callback, delayMs - MAX_DELAY_MS);
  }, MAX_DELAY_MS);
  return () => cancel();
}
