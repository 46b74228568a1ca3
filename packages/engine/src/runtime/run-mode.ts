/** Where a run happens: the decision, from measured run times. */

/**
 * - `thread`: on a thread of libuv's pool;
 * - `inline`: on the caller's thread, blocking it;
 * - `auto`: on a thread until runs have shown to be cheaper than handing them over.
 */
export type RunMode = 'auto' | 'thread' | 'inline';

/**
 * An inline run should take less: far below a tick of the host, and no more than handing it to a thread costs on a busy
 * machine. (With a limit of 50 µs, half_plus_two behind a loaded server was driven to the threads, at half the rate.)
 */
const LIMIT_MICROS = 200;
/** One inline run that takes this long sends the model back to the threads at once. */
const SLOW_MICROS = 10 * LIMIT_MICROS;
/** What a threaded run may take, waiting for the event loop included, to count as cheap enough for trying one inline. */
const TRIAL_MICROS = 2000;
const CHEAP_RUNS_BEFORE_TRIAL = 8;
/** The moving window of inline runs, and how many of them may exceed the limit: 5 %. */
const WINDOW = 64;
const ALLOWED_OVER = 3;
/** Before the window has this many runs, one may exceed the limit. */
const TRIAL_RUNS = 20;
/** Inline runs after which a model counts as proven, and the next pause is short again. */
const PROVEN_RUNS = 256;
const MIN_PAUSE = 16;
const MAX_PAUSE = 4096;
/** Inputs this many times larger than any measured are work of unknown cost. */
const KNOWN_SIZE_FACTOR = 4;

/**
 * Decides for one choice of feeds and fetches. Threaded runs bound the cost from above; once several in a row were
 * cheap, runs are tried inline, where time is measured exactly, and stay there while 95 % of the last 64 are below 200 µs.
 * After a way back to the threads the next trial waits, longer each time that the trial fails early.
 */
export class AutoRunMode {
  #inline = false;
  #cheapRuns = 0;
  #pause = MIN_PAUSE;
  #runsUntilTrial = 0;
  #knownBytes = 0;

  readonly #over: Uint8Array = new Uint8Array(WINDOW);
  #inlineRuns = 0;
  #overCount = 0;

  /** Whether a run with inputs of this many bytes is to be made inline. */
  isInline(inputBytes: number): boolean {
    return this.#inline && inputBytes <= this.#knownBytes * KNOWN_SIZE_FACTOR;
  }

  /** Tells the time between handing a run to a thread and hearing of its end. */
  recordThread(micros: number, inputBytes: number): void {
    if (micros >= TRIAL_MICROS) {
      this.#cheapRuns = 0;
      return;
    }
    if (inputBytes > this.#knownBytes) this.#knownBytes = Math.max(inputBytes, 1);
    this.#cheapRuns++;
    if (this.#runsUntilTrial > 0) this.#runsUntilTrial--;
    if (!this.#inline && this.#runsUntilTrial === 0 && this.#cheapRuns >= CHEAP_RUNS_BEFORE_TRIAL) this.#goInline();
  }

  /** Tells the time of a run made inline. */
  recordInline(micros: number): void {
    const slot = this.#inlineRuns % WINDOW;
    const over = micros >= LIMIT_MICROS ? 1 : 0;
    this.#overCount += over - this.#over[slot]!;
    this.#over[slot] = over;
    this.#inlineRuns++;
    const allowed = this.#inlineRuns < TRIAL_RUNS ? 1 : ALLOWED_OVER;
    if (this.#inline && (micros >= SLOW_MICROS || this.#overCount > allowed)) this.#goThread();
  }

  #goInline(): void {
    this.#inline = true;
    this.#over.fill(0);
    this.#inlineRuns = 0;
    this.#overCount = 0;
  }

  #goThread(): void {
    this.#inline = false;
    this.#cheapRuns = 0;
    this.#pause = this.#inlineRuns >= PROVEN_RUNS ? MIN_PAUSE : Math.min(this.#pause * 2, MAX_PAUSE);
    this.#runsUntilTrial = this.#pause;
  }
}
