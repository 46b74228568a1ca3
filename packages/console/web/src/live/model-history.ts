/** A model's samples of the last minutes: the server's history, and each second since. */
import { useEffect, useState } from 'preact/hooks';
import type { ModelHistory, ModelSample, TimedModelSample } from '../../../src/api/console-api.js';
import { fetchJson, modelAddress } from './console-api-client.js';
import { latestTick, onTick } from './console-store.js';

export const RANGES = { minutes: '5 minutes', hour: '1 hour' } as const;
export type Range = keyof typeof RANGES;

const SPAN_MS: Readonly<Record<Range, number>> = { minutes: 300_000, hour: 3_600_000 };

export interface RangeSamples {
  /** Oldest first; each covers `secondsPerSample`. */
  readonly samples: readonly TimedModelSample[];
  readonly secondsPerSample: number;
  readonly from: number;
  readonly until: number;
}

/** What a plot shows at least. */
export const LEAST_MS = 60_000;

const IDLE: ModelSample = {
  requests: 0,
  errors: 0,
  errorsByCode: {},
  inFlight: 0,
  stages: {},
  batchSizes: {},
  closeReasons: {},
  inlineRuns: 0,
  threadedRuns: 0,
};

/** Follows a model. For an hour the server's ten-second samples are fetched again every ten seconds. */
export function useModelHistory(model: string, range: Range): RangeSamples | undefined {
  const [history, setHistory] = useState<ModelHistory>();
  const [seconds, setSeconds] = useState<readonly TimedModelSample[]>([]);

  useEffect(() => {
    let ticks = 0;
    let isWanted = true;
    const load = (): void => {
      fetchJson<ModelHistory>(modelAddress(model, 'history')).then(
        (loaded) => {
          if (!isWanted) return;
          setHistory(loaded);
          setSeconds((known) => merged(loaded.seconds, known));
        },
        () => {},
      );
    };
    load();
    const stop = onTick(({ time, models }) => {
      setSeconds((known) => merged(known, [{ ...IDLE, ...models[model], time }]));
      if (++ticks % 10 === 0 && range === 'hour') load();
    });
    return () => {
      isWanted = false;
      stop();
    };
  }, [model, range]);

  if (history?.model !== model) return undefined;
  const until = latestTick.value?.time ?? history.seconds.at(-1)?.time ?? 0;
  const known = range === 'hour' ? history.tenSeconds : seconds;
  const samples = known.filter(({ time }) => time > until - SPAN_MS[range]);
  // A short history fills the plot, but for the first minute.
  const from = Math.max(until - SPAN_MS[range], Math.min(samples[0]?.time ?? until, until - LEAST_MS));
  return {
    samples,
    secondsPerSample: range === 'hour' ? 10 : 1,
    from,
    until,
  };
}

/** Both lists by time, without what is older than five minutes; the later list wins. */
function merged(first: readonly TimedModelSample[], second: readonly TimedModelSample[]): readonly TimedModelSample[] {
  const byTime = new Map([...first, ...second].map((sample) => [sample.time, sample]));
  const all = [...byTime.values()].sort((a, b) => a.time - b.time);
  const oldest = (all.at(-1)?.time ?? 0) - SPAN_MS.minutes;
  return all.filter(({ time }) => time > oldest);
}
