/** Where a run happens: the decision, from measured run times. */

/**
 * - `thread`: on a thread of libuv's pool;
 * - `inline`: on the caller's thread, blocking it;
 * - `auto`: on a thread until runs have shown to be cheaper than handing them over.
 */
export type RunMode = 'auto' | 'thread' | 'inline';

/** What runs may take, in microseconds. */
interface Limits {
  /** Inline runs should take less, on average. */
  readonly limit: number;
  readonly perRequest: number;
  /** However many requests share the run. */
  readonly most: number;
  /** One inline run that takes this long sends the model back to the threads at once. */
  readonly slow: number;
  /** What a threaded run may take, waiting for the event loop included, to count as cheap enough for trying one inline. */
  readonly trial: number;
}

/**
 * Far below a tick of the host, and no more than handing a run to a thread costs on a busy machine. (With a limit of 50 µs, half_plus_two
 * behind a loaded server was driven to the threads, at half the rate.)
 */
const LONE: Limits = {
  limit: 200,
  perRequest: 0,
  most: 200,
  slow: 2000,
  trial: 2000,
};

/**
 * Measured for an MLP behind 64 connections: batches of 25 took 0.7 ms inline. On a thread they took 1.1 to 3 ms, as the event loop reads
 * the requests that came meanwhile before it gets the result, and a sixth more processor time. To read and answer its requests blocks the
 * loop for longer than such a run. Most threaded runs are slow only for that reason, and an inline one only when it was interrupted.
 */
const SHARED: Limits = {
  limit: 600,
  perRequest: 30,
  most: 2000,
  slow: 10_000,
  trial: 5000,
};

/** What the time of an inline run is: see {@link AutoRunMode.recordInline}. */
export type InlineMeasure = 'wall' | 'doubtful' | 'processor';

/**
 * Processor time that an inline run may take on one of several serving threads: it is the run's own, whatever the neighbours do. Serving threads
 * keep every processor busy, and an inline run costs a tenth less of it: an MLP of 200 µs is answered 1.5 times as often. Where one thread
 * serves, such runs would leave the other processors idle, which costs a fifth of the requests.
 */
const PROCESSOR_LIMIT_MICROS = 500;
/**
 * What a run counts at most, in what it may take: interrupted ones should not send a model away whose others are short. On a busy machine
 * with slow cores an MLP of 130 µs had one run of twenty above 200, and went back and forth, which cost more than either place.
 */
const MOST_COUNTED = 4;
/** By how much the runs of a trial may exceed together what they may take before it ends early. */
const TRIAL_EXCESS = 3;
/** What runs may take on average once the trial is over: a model at the limit should not go back and forth. */
const STAYING = 1.25;
/** A run that takes so long on the wall is slow, whatever made it so. */
const TOO_SLOW_MICROS = 20_000;
/** Runs that are measured by the processor, after one that took long on the wall. */
const MEASURED_RUNS = 64;
const CHEAP_RUNS_BEFORE_TRIAL = 8;
const WINDOW = 64;
const TRIAL_RUNS = 20;
/** Inline runs after which a model counts as proven, and the next pause is short again. */
const PROVEN_RUNS = 256;
const MIN_PAUSE = 16;
const MAX_PAUSE = 4096;
/** Inputs this many times larger than any measured are work of unknown cost. */
const KNOWN_SIZE_FACTOR = 4;

/** Which runs it decides for. */
export interface AutoRunModeOptions {
  /** Whether several requests share them. Default: false. */
  readonly hasSharedRuns?: boolean;
  /** Whether the event loop has nothing else to do: a run blocks only runs of its own model. Default: false. */
  readonly hasIdleLoop?: boolean;
  /** Whether they are made on one of several serving threads. Default: false. */
  readonly isServingThread?: boolean;
}

/**
 * Decides for one choice of feeds and fetches. Threaded runs bound the cost from above; once several in a row were
 * cheap, runs are tried inline, where time is measured exactly, and stay there while the last 64 take less than 250 µs on average, and the
 * first 20 less than 200. After a way back to the threads the next trial waits, longer each time that the trial fails early.
 * Runs that several requests share may take longer, and so may all runs of an event loop with nothing else to do.
 */
export class AutoRunMode {
  readonly #limits: Limits;
  /** Processor time that may be used beyond the limit for times on the wall. */
  readonly #processorLimit: number;
  #inline = false;
  #cheapRuns = 0;
  #pause = MIN_PAUSE;
  #runsUntilTrial = 0;
  #knownBytes = 0;

  /** The last inline runs, each as a multiple of what it may take. */
  readonly #counted: Float64Array = new Float64Array(WINDOW);
  #inlineRuns = 0;
  #sum = 0;
  #measuredRuns = 0;

  constructor({ hasSharedRuns = false, hasIdleLoop = false, isServingThread = false }: AutoRunModeOptions = {}) {
    this.#limits = hasSharedRuns || hasIdleLoop ? SHARED : LONE;
    this.#processorLimit = isServingThread ? PROCESSOR_LIMIT_MICROS : 0;
  }

  /** Whether a run with inputs of this many bytes is to be made inline. */
  isInline(inputBytes: number): boolean {
    return this.#inline && inputBytes <= this.#knownBytes * KNOWN_SIZE_FACTOR;
  }

  /**
   * Whether the next inline run is to be measured by the processor time of its thread: the time on the wall has that of a busy neighbour in
   * it, and measuring costs two microseconds.
   */
  get wantsProcessorTime(): boolean {
    return this.#measuredRuns > 0 || this.#inlineRuns < TRIAL_RUNS;
  }

  /**
   * Records the time from handing a run to a thread to its callback.
   *
   * @param idleMicros of it, in which the event loop waited: with a busy loop the callback is late, and the run need not have been slow
   */
  recordThread(micros: number, inputBytes: number, idleMicros: number = micros): void {
    if (micros >= this.#limits.trial) {
      if (idleMicros >= this.#limits.trial) this.#cheapRuns = 0;
      return;
    }
    if (inputBytes > this.#knownBytes) this.#knownBytes = Math.max(inputBytes, 1);
    this.#cheapRuns++;
    if (this.#runsUntilTrial > 0) this.#runsUntilTrial--;
    if (!this.#inline && this.#runsUntilTrial === 0 && this.#cheapRuns >= CHEAP_RUNS_BEFORE_TRIAL) this.#goInline();
  }

  /**
   * Records the time of an inline run. `requests` share it.
   *
   * @param measure of what: a long time on the wall where the processor's could have been measured (`doubtful`) has the next runs measured so,
   * and does not count itself
   */
  recordInline(micros: number, requests = 1, measure: InlineMeasure = 'wall'): void {
    const { limit, perRequest, most, slow } = this.#limits;
    const allowance = measure === 'processor' ? Math.max(limit, this.#processorLimit) : limit;
    const share = micros / Math.min(allowance + perRequest * requests, Math.max(most, allowance));
    if (share >= 1) this.#measuredRuns = MEASURED_RUNS;
    else if (this.#measuredRuns > 0) this.#measuredRuns--;
    if (share >= 1 && measure === 'doubtful' && micros < TOO_SLOW_MICROS) return;
    this.#count(Math.min(share, MOST_COUNTED));
    if (this.#inline && (micros >= slow || this.#isOver())) this.#goThread();
  }

  #count(share: number): void {
    const slot = this.#inlineRuns % WINDOW;
    this.#sum += share - this.#counted[slot]!;
    this.#counted[slot] = share;
    this.#inlineRuns++;
  }

  #isOver(): boolean {
    const runs = this.#inlineRuns;
    if (runs < TRIAL_RUNS) return this.#sum > runs + TRIAL_EXCESS;
    return this.#sum > Math.min(runs, WINDOW) * (runs === TRIAL_RUNS ? 1 : STAYING);
  }

  #goInline(): void {
    this.#inline = true;
    this.#counted.fill(0);
    this.#inlineRuns = 0;
    this.#sum = 0;
  }

  #goThread(): void {
    this.#inline = false;
    this.#cheapRuns = 0;
    this.#pause = this.#inlineRuns >= PROVEN_RUNS ? MIN_PAUSE : Math.min(this.#pause * 2, MAX_PAUSE);
    this.#runsUntilTrial = this.#pause;
  }
}
