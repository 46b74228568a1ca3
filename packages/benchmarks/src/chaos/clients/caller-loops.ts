/** Callers that ask one model after the other's answer, until they are stopped. */
import { setTimeout as sleep } from 'node:timers/promises';
import { RandomSource } from '../../fuzz/random-source.js';
import { isChaosAnswer } from '../chaos-models.js';
import type { FailedRequest } from '../faults/fault-record.js';

/** What became of a request. `left`: the caller gave it up. */
export type Outcome =
  | { readonly kind: 'answered'; readonly y: ArrayLike<unknown> }
  | { readonly kind: 'left' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** One way to ask. */
export interface Caller {
  /** Such as `REST`. */
  readonly name: string;
  /** How many of them each model has. */
  readonly count: number;
  /** Asks for `y` of `x`; gives up after so many milliseconds if it has not been answered, where there is a limit. */
  ask(model: string, x: Float32Array, leaveAfterMs: number | undefined): Promise<Outcome>;
}

/** Requests by model and outcome, such as `answered` or an error's code. */
export type Counts = Record<string, Record<string, number>>;

/** A value that the model did not compute. */
export const WRONG_ANSWER = 'WRONG_ANSWER';

const LONGEST_PAUSE_MS = 20;
const LEAVING_SHARE = 0.08;
const LARGE_SHARE = 0.05;
/** So many values travel in shared memory. */
const LARGE_SIZE = 5000;
const LONGEST_PATIENCE_MS = 6;

/** Loops over several callers and models. */
export class CallerLoops {
  readonly counts: Counts = {};
  readonly #random: RandomSource;
  readonly #onFailure: (failed: FailedRequest) => void;
  readonly #paused = new Set<string>();
  readonly #loops: Promise<void>[] = [];
  #isOver = false;

  constructor(seed: number, onFailure: (failed: FailedRequest) => void) {
    this.#random = new RandomSource(seed);
    this.#onFailure = onFailure;
  }

  start(models: readonly string[], callers: readonly Caller[]): void {
    for (const model of models) {
      this.counts[model] ??= {};
      for (const caller of callers) {
        for (let n = 0; n < caller.count; n++) this.#loops.push(this.#loop(model, caller));
      }
    }
  }

  /** Whether requests to a model are left out. Those in flight go on. */
  setPaused(model: string, isPaused: boolean): void {
    if (isPaused) this.#paused.add(model);
    else this.#paused.delete(model);
  }

  /** Resolves when the last request has ended. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  async #loop(model: string, caller: Caller): Promise<void> {
    while (!this.#isOver) {
      if (!this.#paused.has(model)) await this.#ask(model, caller);
      await sleep(this.#random.next() * LONGEST_PAUSE_MS);
    }
  }

  async #ask(model: string, caller: Caller): Promise<void> {
    const random = this.#random;
    const size = random.next() < LARGE_SHARE ? LARGE_SIZE : 1 + random.below(3);
    const first = random.below(1000);
    const x = Float32Array.from({ length: size }, (_, i) => first + i);
    const leaveAfterMs = random.next() < LEAVING_SHARE ? random.next() * LONGEST_PATIENCE_MS : undefined;
    const startedAt = Date.now();
    const outcome = await caller.ask(model, x, leaveAfterMs);
    const endedAt = Date.now();
    const fail = (code: string, message: string): void => {
      this.#count(model, code);
      this.#onFailure({ model, caller: caller.name, code, message, startedAt, endedAt });
    };
    if (outcome.kind === 'failed') fail(outcome.code, outcome.message);
    else if (outcome.kind === 'answered' && !isAnswer(outcome.y, x)) fail(WRONG_ANSWER, `${outcome.y} for ${x}`);
    else this.#count(model, outcome.kind);
  }

  #count(model: string, outcome: string): void {
    const counts = this.counts[model]!;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
}

/** All values of one version. */
function isAnswer(y: ArrayLike<unknown>, x: Float32Array): boolean {
  if (y.length !== x.length || !isChaosAnswer(Number(y[0]), x[0]!)) return false;
  const addend = Number(y[0]) - x[0]! / 2;
  return x.every((value, i) => y[i] === value / 2 + addend);
}
