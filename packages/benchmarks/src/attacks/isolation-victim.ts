/** One of the models whose processes are ended over and over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelServer } from '@serving/core';
import type { ModelProcessEvent } from '@serving/core/diagnostics';
import { createTensor } from '@serving/core/tensor';
import { until } from '../chaos/until.js';
import { processOf } from '../chaos/watch/held-resources.js';

/** The documented waits before a restart, by how many ends the last minute has had. */
const BACK_OFF_MS: readonly number[] = [0, 250, 500, 1000, 2000];
const MINUTE_MS = 60_000;
const SIGNALS = ['SIGKILL', 'SIGABRT', 'SIGSEGV'] as const;
/** Values of a request that needs memory, and how many of them are in flight. */
const LARGE_VALUES = 2 ** 24;
const LARGE_REQUESTS = 4;

/** Counts how its process ends, and how long it takes to answer again. */
export class IsolationVictim {
  readonly model: string;
  /** Ends by what ended them. */
  readonly deaths: Record<string, number> = {};
  restarts = 0;
  /** From the end of a back-off to the first answer, for each end. */
  readonly recoveriesMs: number[] = [];
  readonly #runsOutOfMemory: boolean;
  #deathTimes: number[] = [];
  /** When the next process should begin to load; `undefined` once one has answered. */
  #dueAt: number | undefined = 0;
  #total = 0;

  /** @param runsOutOfMemory whether each fourth end is one by its memory limit */
  constructor(model: string, runsOutOfMemory: boolean) {
    this.model = model;
    this.#runsOutOfMemory = runsOutOfMemory;
  }

  get total(): number {
    return this.#total;
  }

  onProcess({ kind, signal, reason, code, isRestart }: ModelProcessEvent): void {
    if (kind === 'started') {
      if (isRestart) this.restarts++;
      return;
    }
    const now = performance.now();
    const how = reason?.startsWith('it held') ? 'out of memory' : (signal ?? `exit code ${code}`);
    this.deaths[how] = (this.deaths[how] ?? 0) + 1;
    this.#total++;
    this.#deathTimes = [...this.#deathTimes.filter((time) => now - time < MINUTE_MS), now];
    this.#dueAt = now + BACK_OFF_MS[Math.min(this.#deathTimes.length, BACK_OFF_MS.length) - 1]!;
  }

  /** A request was answered: after an end, by the next process. */
  onAnswer(): void {
    if (this.#dueAt === undefined) return;
    if (this.#total > 0) this.recoveriesMs.push(performance.now() - this.#dueAt);
    this.#dueAt = undefined;
  }

  /** Ends the process as soon as it has answered and a pause is over; resolves when it has ended. */
  async endProcess(server: ModelServer, pauseMs: number): Promise<void> {
    await until(`${this.model} answers`, () => this.#dueAt === undefined);
    await sleep(Math.random() * pauseMs);
    const before = this.#total;
    const isOver = (): boolean => this.#total > before;
    if (this.#runsOutOfMemory && this.#total % 4 === 3) await this.#takeMemory(server, isOver);
    else this.#kill(SIGNALS[this.#total % SIGNALS.length]!);
    await until(`the process of ${this.model} ends`, isOver);
  }

  #kill(signal: NodeJS.Signals): void {
    const pid = processOf(this.model);
    if (pid !== undefined) process.kill(pid, signal);
  }

  async #takeMemory(server: ModelServer, isOver: () => boolean): Promise<void> {
    const x = createTensor('float', [LARGE_VALUES], new Float32Array(LARGE_VALUES));
    const ask = async (): Promise<void> => {
      // Its end takes these requests along.
      while (!isOver()) await server.predict({ model: this.model, inputs: { x } }).catch(() => {});
    };
    await Promise.all(Array.from({ length: LARGE_REQUESTS }, ask));
  }
}
