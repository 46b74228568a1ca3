/** The samples of one model of the last hour: one a second for five minutes, one every ten seconds before. */
import type { ModelHistory, ModelSample, TimedModelSample } from '../api/console-api.js';
import { ModelWindow } from './model-window.js';

/** Collects what happens to a model's requests and keeps what is young enough. */
export class SampleHistory {
  /** What happens now is counted here. */
  readonly now: ModelWindow = new ModelWindow();
  readonly #tenSeconds = new ModelWindow();
  readonly #seconds: TimedModelSample[] = [];
  readonly #older: TimedModelSample[] = [];

  /** Ends a second. Returns its sample, or `undefined` when nothing happened and nothing is in flight. */
  endSecond(time: number, inFlight: number): ModelSample | undefined {
    dropBefore(this.#seconds, time - SECONDS_KEPT_MS);
    if (this.now.isEmpty && inFlight === 0) return undefined;
    const sample = this.now.sample(inFlight);
    this.#seconds.push({ time, ...sample });
    this.#tenSeconds.add(this.now);
    this.now.clear();
    return sample;
  }

  /** Ends ten seconds, after {@link endSecond}. */
  endTenSeconds(time: number, inFlight: number): void {
    dropBefore(this.#older, time - HOUR_MS);
    if (this.#tenSeconds.isEmpty) return;
    this.#older.push({ time, ...this.#tenSeconds.sample(inFlight) });
    this.#tenSeconds.clear();
  }

  get samples(): Pick<ModelHistory, 'seconds' | 'tenSeconds'> {
    return { seconds: this.#seconds, tenSeconds: this.#older };
  }
}

const SECONDS_KEPT_MS = 300_000;
/** How far back histories reach. */
export const HOUR_MS = 3_600_000;

/** Removes what is older, oldest first. */
export function dropBefore(samples: { readonly time: number }[], time: number): void {
  let old = 0;
  while (old < samples.length && samples[old]!.time < time) old++;
  if (old > 0) samples.splice(0, old);
}
