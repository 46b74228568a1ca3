/** Limits the runs that batches would not need without bad requests. */

/** What a run costs beside its rows, in rows. Measured over REST, where a row's request costs more than the row. */
const ROWS_PER_RUN = 3;
/** Batches of average size that may be paid for before others have earned them. */
const BURST_BATCHES = 16;
/** Weight of the latest batch in the moving average. */
const WEIGHT = 1 / 8;

/**
 * Parts of failed batches may cost as much as all batches cost when they run for the first time, and a burst beyond. So bad
 * requests at most double the cost of runs. Costs are counted in rows: clocks would count the waits of the event loop too. A
 * first run that fails counts as half its rows, as it ends early.
 */
export class RerunBudget {
  #debt = 0;
  #averageCost = 0;

  /** Whether another run may be paid for. */
  get allowsRun(): boolean {
    return this.#debt <= BURST_BATCHES * this.#averageCost;
  }

  /** Earns the run of a batch that is about to run for the first time. */
  earnRun(rows: number): void {
    const cost = rows + ROWS_PER_RUN;
    this.#averageCost += (cost - this.#averageCost) * (this.#averageCost === 0 ? 1 : WEIGHT);
    this.#earn(ROWS_PER_RUN);
  }

  /** Earns rows that have run for the first time. */
  earnRows(rows: number, succeeded: boolean): void {
    this.#earn(succeeded ? rows : rows / 2);
  }

  /** Pays for a part that runs again. */
  payForRerun(rows: number): void {
    this.#debt += rows + ROWS_PER_RUN;
  }

  /** Pays for running a batch in so many portions instead of whole. */
  payForPortions(count: number): void {
    this.#debt += (count - 1) * ROWS_PER_RUN;
  }

  #earn(rows: number): void {
    this.#debt = Math.max(0, this.#debt - rows);
  }
}
