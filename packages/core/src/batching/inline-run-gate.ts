/** Decides which requests of an idle model are run at once, alone, and which wait for others of the same turn. */

/**
 * A run cheaper than this gains nothing from being merged: to queue a request, copy its rows and settle its promise costs about
 * as much.
 */
const MERGE_WORTH_MICROS = 20;
/** A run counts as no longer than this: an interrupted run is not typical of the model. Unknown cost counts as this. */
const MAX_MICROS = 4 * MERGE_WORTH_MICROS;
/** Weight of the latest run in the moving average. */
const WEIGHT = 1 / 8;

/**
 * For models that may run within the call: the last run shows whether they do. If each request were run at once, there would never be a
 * batch. So where runs are worth merging, only the first request of a turn of the event loop is run alone, and not even that after a turn
 * in which several came.
 */
export class LoneRunGate {
  #averageMicros = MAX_MICROS;
  #arrivals = 0;
  #wasBusy = false;
  #isInline = false;

  /** Counts an arrival. Whether it may be run at once. */
  mayRunAlone(): boolean {
    if (!this.#isInline) return false;
    if (this.#averageMicros < MERGE_WORTH_MICROS) return true;
    if (this.#arrivals === 0) setImmediate(this.#onTurnEnd);
    this.#arrivals++;
    return this.#arrivals === 1 && !this.#wasBusy;
  }

  /** Records the time of a run without a batch. */
  recordAlone(micros: number): void {
    this.#averageMicros += (Math.min(micros, MAX_MICROS) - this.#averageMicros) * WEIGHT;
  }

  /** Records the time of a batch that was run within a call. A lone request takes no longer. */
  recordBatch(micros: number): void {
    this.#isInline = true;
    if (micros < this.#averageMicros) this.recordAlone(micros);
  }

  /** A run went to a thread: nothing is run alone until a batch runs within a call again. */
  recordThreaded(): void {
    this.#isInline = false;
  }

  readonly #onTurnEnd = (): void => {
    this.#wasBusy = this.#arrivals > 1;
    this.#arrivals = 0;
  };
}
