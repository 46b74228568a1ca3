/** Decides how many requests run together while many of them are bad. */

/** Full portions that succeed in a row before larger ones are tried: one in three may fail, about where costs are lowest. */
const SUCCESSES_BEFORE_GROWTH = 2;
/** More requests than this are never cut into portions. */
const MAX_SIZE = 1024;

/**
 * A large batch fails almost surely where a few percent of requests are bad, and its first run is lost. A failure halves
 * the portions in which batches run, down to single requests; successes in a row double them again.
 */
export class PortionSize {
  #size = Number.POSITIVE_INFINITY;
  #successes = 0;

  /** The most requests that are to run together for the first time. */
  get value(): number {
    return this.#size;
  }

  /** Records that so many requests succeeded together. */
  onSucceeded(requests: number): void {
    if (requests < this.#size) return;
    this.#successes += 1;
    if (this.#successes < SUCCESSES_BEFORE_GROWTH) return;
    this.#successes = 0;
    this.#size = this.#size > MAX_SIZE / 2 ? Number.POSITIVE_INFINITY : 2 * this.#size;
  }

  /** Records that so many requests failed together, for the values of some. */
  onFailed(requests: number): void {
    if (requests > 1) this.#size = Math.floor(requests / 2);
    this.#successes = 0;
  }
}
