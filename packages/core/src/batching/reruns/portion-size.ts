/** Decides how many requests run together while many of them are bad. */

/** Weight of the latest request in the moving share of bad ones. */
const WEIGHT = 1 / 128;
/** Bad requests in a portion, on average: about where costs are lowest, for any share of bad ones. */
const BAD_PER_PORTION = 0.3;

/**
 * A large batch fails almost surely where a few percent of requests are bad, and its first run is lost. So batches run in
 * portions, the smaller the more of the latest requests were bad, down to single ones.
 */
export class PortionSize {
  #badShare = 0;

  /** The most requests that are to run together for the first time. */
  get value(): number {
    return Math.max(1, Math.floor(BAD_PER_PORTION / this.#badShare));
  }

  /** Records that so many requests succeeded. */
  onSucceeded(requests: number): void {
    if (this.#badShare > 0) this.#badShare *= (1 - WEIGHT) ** requests;
  }

  /** Records that a request failed alone, for its values. */
  onFailedAlone(): void {
    this.#badShare += WEIGHT * (1 - this.#badShare);
  }
}
