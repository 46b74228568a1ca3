/** Measures configurations beside each other, in rounds, and finds the best one. */
import { ServingError } from '@serving/core';
import type { TuneBudget } from './tune-budget.js';
import { type Comparison, compareRounds } from './tune-comparison.js';
import { settingsText, type TuneSettings } from './tune-settings.js';
import type { TuneStep } from './tune-steps.js';

/** What a server did for a moment. */
export interface Slice {
  /** Milliseconds of each request that was answered. */
  readonly latencies: readonly number[];
  readonly failures: number;
  readonly firstError: unknown;
  readonly elapsedMs: number;
  /** `undefined` where the system does not report it. */
  readonly cpuSeconds: number | undefined;
  readonly residentBytes: number | undefined;
}

/** A server with one configuration. */
export interface TunedServer {
  /** Loads it for so long. Rejects as soon as the measurement is stopped. */
  measure(milliseconds: number): Promise<Slice>;
  close(): Promise<void>;
}

/** A configuration and all that is known of it. */
export interface TuneRecord {
  readonly settings: TuneSettings;
  readonly slices: readonly Slice[];
  /** To the base configuration, in the same rounds; absent for itself and what failed. */
  readonly toBase?: Comparison;
  /** Why it could not be measured. */
  readonly failure?: ServingError;
}

/** What was found. */
export interface TuneResult {
  /** The base first, then in the order of the steps. */
  readonly records: readonly TuneRecord[];
  /** Better than the base by more than the noise; `undefined` when none is, or the measurement was stopped. */
  readonly best: TuneSettings | undefined;
  readonly isStopped: boolean;
}

export interface TunerOptions {
  readonly base: TuneSettings;
  readonly steps: readonly TuneStep[];
  readonly budget: TuneBudget;
  readonly start: (settings: TuneSettings) => Promise<TunedServer>;
  /** More is better. */
  readonly score: (slice: Slice) => number;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Of a step. */
const ROUNDS = 7;
const FINAL_ROUNDS = 9;
/** Of the default and the best one. */
const FINAL_SLICES = 2 * FINAL_ROUNDS;
/** Also where requests take longer than the time is. */
const MIN_ROUNDS = 4;
/** Servers that are compared in a step, and those of them that are started for it: an estimate. */
const USUAL_SERVERS = 4;
const USUAL_STARTS = 2;

/** @throws ServingError when the base configuration can't be measured. */
export async function tune(options: TunerOptions): Promise<TuneResult> {
  await using tuner = new Tuner(options);
  return await tuner.run();
}

interface Entry {
  readonly settings: TuneSettings;
  server: TunedServer | undefined;
  failure: ServingError | undefined;
  readonly slices: Slice[];
  /** Scores of the base in the same rounds. */
  readonly baseScores: number[];
}

class Tuner {
  readonly #options: TunerOptions;
  readonly #entries = new Map<string, Entry>();
  #slicesLater = 0;
  #startsLater = 0;

  constructor(options: TunerOptions) {
    this.#options = options;
  }

  async run(): Promise<TuneResult> {
    const { base: settings, steps, onProgress, signal } = this.#options;
    let isStopped = false;
    let best: Entry | undefined;
    try {
      onProgress('starting a server as it comes');
      const base = await this.#entry(settings);
      if (base.failure !== undefined) throw base.failure;
      best = base;
      for (const [i, step] of steps.entries()) {
        const stepsLater = steps.length - i - 1;
        this.#slicesLater = stepsLater * USUAL_SERVERS * ROUNDS + FINAL_SLICES;
        this.#startsLater = stepsLater * USUAL_STARTS;
        best = await this.#step(step, base, best);
      }
      this.#slicesLater = 0;
      if (best !== base) {
        onProgress(`the best one beside the default: ${settingsText(best.settings)}`);
        if (!(await this.#staysBetter(base, best))) best = undefined;
      } else best = undefined;
    } catch (error) {
      if (!signal.aborted) throw error;
      isStopped = true;
      best = undefined;
    }
    return { records: this.#records(), best: best?.settings, isStopped };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#entries.values(), (entry) => close(entry)));
  }

  /** Returns the best configuration after the step. */
  async #step(step: TuneStep, base: Entry, best: Entry): Promise<Entry> {
    const { onProgress } = this.#options;
    const tried = step.configurations(best.settings);
    if (tried.length === 0) return best;
    onProgress(`${step.title}: ${tried.map(settingsText).join('; ')}`);
    const entries: Entry[] = [];
    for (const settings of tried) entries.push(await this.#entry(settings));
    const running = entries.filter(({ failure }) => failure === undefined);
    let winner = best;
    if (running.length > 0) {
      await this.#rounds(base, best, running, ROUNDS);
      const better = running.flatMap((entry) => {
        if (!step.mayWin || entry.failure !== undefined) return [];
        const comparison = this.#against(best, entry);
        return comparison.isBetter ? [{ entry, median: comparison.median }] : [];
      });
      winner = better.sort((a, b) => b.median - a.median)[0]?.entry ?? best;
    }
    if (winner.failure !== undefined) winner = base;
    for (const entry of [best, ...entries]) if (entry !== winner && entry !== base) await close(entry);
    return winner;
  }

  /** Compares the best one with the base once more, for longer. */
  async #staysBetter(base: Entry, best: Entry): Promise<boolean> {
    const before = best.slices.length;
    await this.#rounds(base, best, [], FINAL_ROUNDS);
    if (best.failure !== undefined) return false;
    const own = best.slices.slice(before).map(this.#options.score);
    return compareRounds(own, best.baseScores.slice(before)).isBetter;
  }

  /** Compares what two did in the rounds that they had together last. */
  #against(best: Entry, entry: Entry): Comparison {
    const { score } = this.#options;
    const own = entry.slices.map(score);
    return compareRounds(own, best.slices.slice(-own.length).map(score));
  }

  /** Measures them in turn, every other round the other way around. */
  async #rounds(base: Entry, best: Entry, others: readonly Entry[], rounds: number): Promise<void> {
    const { budget, score } = this.#options;
    let running = [...new Set([base, best, ...others])];
    for (let round = 0; round < rounds; round++) {
      if (round >= MIN_ROUNDS && budget.isSpent) return;
      const slices = (rounds - round) * running.length + this.#slicesLater;
      const milliseconds = budget.sliceMs({ slices, starts: this.#startsLater });
      const measured = new Map<Entry, Slice>();
      for (const entry of round % 2 === 0 ? running : [...running].reverse()) {
        const slice = await entry.server!.measure(milliseconds);
        entry.failure = failureOf(slice);
        if (entry.failure === undefined) measured.set(entry, slice);
        else if (entry === base) throw entry.failure;
      }
      running = running.filter((entry) => measured.has(entry));
      for (const [entry, slice] of measured) {
        entry.slices.push(slice);
        entry.baseScores.push(score(measured.get(base)!));
      }
    }
  }

  /** Starts the server of a configuration, and loads it until its code is compiled. */
  async #entry(settings: TuneSettings): Promise<Entry> {
    const { budget, start, signal } = this.#options;
    signal.throwIfAborted();
    const entry: Entry = { settings, server: undefined, failure: undefined, slices: [], baseScores: [] };
    this.#entries.set(settingsText(settings), entry);
    try {
      await budget.start(async () => {
        entry.server = await start(settings);
        entry.failure = failureOf(await entry.server.measure(budget.warmUpMs));
      });
    } catch (error) {
      if (signal.aborted) throw error;
      entry.failure = ServingError.from(error);
    }
    return entry;
  }

  #records(): TuneRecord[] {
    const { base, score } = this.#options;
    return Array.from(this.#entries.values(), ({ settings, slices, baseScores, failure }) => ({
      settings,
      slices,
      ...(failure !== undefined && { failure }),
      ...(failure === undefined &&
        settings !== base &&
        slices.length > 0 && { toBase: compareRounds(slices.map(score), baseScores) }),
    }));
  }
}

function failureOf({ failures, firstError }: Slice): ServingError | undefined {
  return failures === 0 ? undefined : ServingError.from(firstError);
}

async function close(entry: Entry): Promise<void> {
  const { server } = entry;
  entry.server = undefined;
  await server?.close();
}
