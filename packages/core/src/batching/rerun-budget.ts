/** Limits how long parts of failed batches run. */

/** Runs of average length that may be made again before others have earned them. */
const BURST_RUNS = 16;
/** Weight of the latest run in the moving average. */
const WEIGHT = 1 / 8;

/**
 * Parts of failed batches may run as long as batches ran for the first time, and a burst beyond. So bad requests at most
 * double the time of runs, whatever a run costs by itself and by row. A first run that fails counts at least like an
 * average one that succeeds: it may have ended early, and its good requests would have cost that much anyway.
 */
export class RerunBudget {
  #debtMs = 0;
  #averageMs = 0;
  #hasSucceeded = false;

  /** Whether a part may run now. */
  get allowsRun(): boolean {
    return this.#debtMs <= BURST_RUNS * this.#averageMs;
  }

  /** Records how long a batch ran for the first time. */
  recordFirst(ms: number, succeeded: boolean): void {
    if (succeeded && this.#hasSucceeded) this.#averageMs += (ms - this.#averageMs) * WEIGHT;
    else if (succeeded || !this.#hasSucceeded) this.#averageMs = ms;
    this.#hasSucceeded ||= succeeded;
    const earned = succeeded ? ms : Math.max(ms, this.#averageMs);
    this.#debtMs = Math.max(0, this.#debtMs - earned);
  }

  /** Records how long a part ran again. */
  recordAgain(ms: number): void {
    this.#debtMs += ms;
  }
}
