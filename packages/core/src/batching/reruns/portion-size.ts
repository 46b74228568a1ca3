/** Decides how many requests run together while many of them are bad. */

/** Requests over which the share of bad ones is averaged: that many later it has followed a change by two thirds. */
const MEMORY = 128;

/**
 * Up to each share of bad requests, the portions in which they and the good ones cost least: large ones fail almost surely, and their
 * first run is lost; small ones pay for many runs. Computed for runs that cost three rows beside their own.
 */
const PORTIONS: readonly (readonly [maxShare: number, size: number])[] = [
  [0.012, Number.POSITIVE_INFINITY],
  [0.025, 16],
  [0.06, 8],
  [0.11, 4],
  [0.19, 2],
  [1, 1],
];

/** A moving average of the share of bad requests. */
export class PortionSize {
  #badShare = 0;

  /** The most requests that are to run together for the first time. */
  get value(): number {
    return PORTIONS.find(([maxShare]) => this.#badShare <= maxShare)![1];
  }

  /** Records that so many requests succeeded, together, for the first time or after a failure. */
  onGood(requests: number): void {
    this.#add(0, requests);
  }

  /** Records that a request failed alone, for its values. */
  onBad(): void {
    this.#add(1, 1);
  }

  #add(share: number, requests: number): void {
    this.#badShare += (share - this.#badShare) * Math.min(1, requests / MEMORY);
  }
}
