/** Decides whether parts of failed batches run before batches that have not run yet. */

/** What a run costs beside its rows, in rows. Measured over REST, where a row's request costs more than the row. */
const ROWS_PER_RUN = 3;
/** First runs of average size whose cost parts may use before others have earned it. */
const BURST_RUNS = 16;
/** Weight of the latest first run in the moving average. */
const WEIGHT = 1 / 8;

/**
 * Parts of failed batches run first as long as they have cost no more than first runs, and a burst beyond. So requests that
 * wait for their first run wait at most twice as long for bad ones before them. Costs are counted in rows: clocks would count
 * the waits of the event loop too.
 */
export class RerunBudget {
  #debt = 0;
  #averageCost = 0;

  /** Whether parts run before batches that have not run yet. */
  get allowsRun(): boolean {
    return this.#debt <= BURST_RUNS * this.#averageCost;
  }

  /** Records that so many rows run for the first time. */
  earn(rows: number): void {
    const cost = rows + ROWS_PER_RUN;
    this.#averageCost += (cost - this.#averageCost) * (this.#averageCost === 0 ? 1 : WEIGHT);
    this.#debt = Math.max(0, this.#debt - cost);
  }

  /** Records that so many rows run again. Beyond the budget that is free: no other batch is ready then. */
  pay(rows: number): void {
    if (this.allowsRun) this.#debt += rows + ROWS_PER_RUN;
  }
}
