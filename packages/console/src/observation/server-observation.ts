/** Measures a server while a page looks. */
import type { Clock } from '@serving/core/extend';
import type { ConsoleTick, ModelHistory, ModelSample, ProcessSample } from '../api/console-api.js';
import { ProcessSampler } from './process-sampler.js';
import { type ObservedModels, RequestObserver } from './request-observer.js';
import { dropBefore, HOUR_MS } from './sample-history.js';

/** Begins with the first {@link ServerObservation.watch} and ends ten seconds after the last watch or {@link ServerObservation.touch}. */
export class ServerObservation {
  readonly requests: RequestObserver;
  readonly #clock: Clock;
  readonly #process = new ProcessSampler();
  readonly #processHistory: ProcessSample[] = [];
  readonly #spans: { since: number; until?: number }[] = [];
  readonly #watches = new Set<(tick: ConsoleTick) => void>();
  #lastTick: ConsoleTick | undefined;
  #cancelTimer: (() => void) | undefined;
  #endsAt = 0;
  #ticks = 0;

  constructor(server: ObservedModels, clock: Clock) {
    this.requests = new RequestObserver(server);
    this.#clock = clock;
  }

  /** Whether requests are measured now. */
  get isActive(): boolean {
    return this.#cancelTimer !== undefined;
  }

  /** Calls back every second until the returned function is called. */
  watch(onTick: (tick: ConsoleTick) => void): () => void {
    this.touch();
    this.#watches.add(onTick);
    return () => {
      this.#watches.delete(onTick);
      this.touch();
    };
  }

  /** Measures for ten seconds at least. */
  touch(): void {
    this.#endsAt = this.#clock.now() + LINGER_MS;
    if (this.isActive) return;
    this.requests.attach();
    this.#process.start();
    this.#spans.push({ since: this.#clock.wallTime() });
    this.#schedule();
  }

  /** Stops at once. */
  close(): void {
    this.#watches.clear();
    this.#stop();
  }

  /** The last second; the process alone when none has passed yet. */
  get tick(): ConsoleTick {
    if (this.#lastTick !== undefined && this.isActive) return this.#lastTick;
    const time = this.#clock.wallTime();
    return { time, process: this.#process.sample(time), models: {} };
  }

  get processHistory(): readonly ProcessSample[] {
    return this.#processHistory;
  }

  historyOf(model: string): ModelHistory {
    const { seconds = [], tenSeconds = [] } = this.requests.historyOf(model)?.samples ?? {};
    return { model, measured: this.#spans, seconds, tenSeconds };
  }

  #schedule(): void {
    this.#cancelTimer = this.#clock.setTimer(() => {
      if (this.#watches.size === 0 && this.#clock.now() >= this.#endsAt) return this.#stop();
      this.#schedule();
      this.#second();
    }, SECOND_MS);
  }

  #stop(): void {
    if (!this.isActive) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#lastTick = undefined;
    this.requests.detach();
    this.#process.stop();
    const span = this.#spans.at(-1);
    if (span !== undefined) span.until = this.#clock.wallTime();
  }

  #second(): void {
    const time = this.#clock.wallTime();
    const process = this.#process.sample(time);
    const models: Record<string, ModelSample> = {};
    const inFlight = this.requests.inFlight();
    this.#ticks++;
    for (const model of inFlight.keys()) this.requests.historyOf(model);
    for (const [model, history] of this.requests.histories) {
      const sample = history.endSecond(time, inFlight.get(model) ?? 0);
      if (sample !== undefined) models[model] = sample;
      if (this.#ticks % 10 === 0) history.endTenSeconds(time, inFlight.get(model) ?? 0);
    }
    if (this.#ticks % 10 === 0) this.#endTenSeconds(time, process);
    const tick: ConsoleTick = { time, process, models };
    this.#lastTick = tick;
    for (const onTick of this.#watches) onTick(tick);
  }

  #endTenSeconds(time: number, sample: ProcessSample): void {
    this.requests.forgetRemoved();
    this.#processHistory.push(sample);
    dropBefore(this.#processHistory, time - HOUR_MS);
    while ((this.#spans[0]?.until ?? time) < time - HOUR_MS) this.#spans.shift();
  }
}

const SECOND_MS = 1000;
const LINGER_MS = 10_000;
