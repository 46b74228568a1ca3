import { ServingError } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../testing/src/manual-clock.js';
import { TuneBudget } from './tune-budget.js';
import { settingsText, type TuneSettings } from './tune-settings.js';
import type { TuneStep } from './tune-steps.js';
import { type Slice, tune } from './tuner.js';

const threads: TuneStep = {
  title: 'threads',
  mayWin: true,
  configurations: (best) => [1, 2].map((servingThreads) => ({ ...best, servingThreads })),
};
const batching: TuneStep = {
  title: 'batching',
  mayWin: true,
  configurations: (best) => [{ ...best, maxBatchSize: 8 }],
};

interface World {
  readonly steps?: readonly TuneStep[];
  /** Requests a second, by configuration. */
  readonly rate: (name: string, measurement: number) => number;
  readonly failing?: Readonly<Record<string, 'start' | 'requests'>>;
  /** Called before each slice with the number of it. */
  readonly beforeSlice?: (slice: number, abort: () => void) => void;
}

async function run({ steps = [threads, batching], rate, failing = {}, beforeSlice }: World) {
  const clock = new ManualClock();
  const controller = new AbortController();
  const open = new Set<string>();
  const lines: string[] = [];
  let [most, slices] = [0, 0];
  const start = async (settings: TuneSettings) => {
    const name = settingsText(settings);
    if (failing[name] === 'start') throw new ServingError('UNAVAILABLE', `${name} does not start`);
    open.add(name);
    most = Math.max(most, open.size);
    await clock.advance(500);
    let measurements = 0;
    return {
      async measure(elapsedMs: number): Promise<Slice> {
        beforeSlice?.(slices++, () => controller.abort());
        controller.signal.throwIfAborted();
        await clock.advance(elapsedMs);
        const firstError = failing[name] === 'requests' ? new ServingError('INTERNAL', `${name} fails`) : undefined;
        const count = (rate(name, measurements++) * elapsedMs) / 1000;
        const latencies = Array.from({ length: Math.round(count) }, () => 1);
        return { latencies, failures: firstError ? 1 : 0, firstError, elapsedMs, cpuSeconds: 1, residentBytes: 1 };
      },
      async close() {
        open.delete(name);
      },
    };
  };
  const result = await tune({
    base: {},
    steps,
    budget: new TuneBudget(60, clock),
    start,
    score: ({ latencies, elapsedMs }) => latencies.length / elapsedMs,
    onProgress: (line) => lines.push(line),
    signal: controller.signal,
  });
  return { ...result, names: result.records.map(({ settings }) => settingsText(settings)), open, most, lines, clock };
}

const rates: Readonly<Record<string, number>> = {
  default: 1000,
  '1 serving thread': 1300,
  '2 serving threads': 1200,
  'batches of 8, 1 serving thread': 2600,
};

describe('tune', () => {
  it('goes on from the best of each step, within its time, and closes every server', async () => {
    const { names, best, open, most, records, clock } = await run({ rate: (name) => rates[name]! });
    expect(names).toEqual(['default', '1 serving thread', '2 serving threads', 'batches of 8, 1 serving thread']);
    expect(best).toEqual({ servingThreads: 1, maxBatchSize: 8 });
    expect(records.map(({ toBase }) => toBase?.median.toFixed(1))).toEqual([undefined, '1.3', '1.2', '2.6']);
    expect([open.size, most]).toEqual([0, 3]);
    expect(clock.now()).toBeGreaterThan(40_000);
    expect(clock.now()).toBeLessThan(62_000);
  });

  it('keeps the default where nothing is better by more than the noise', async () => {
    const { best, names } = await run({ rate: (name, i) => (name === 'default' ? 1000 : i % 2 === 0 ? 1500 : 900) });
    expect(best).toBeUndefined();
    expect(names).toEqual(['default', '1 serving thread', '2 serving threads', 'batches of 8']);
  });

  it('keeps the default where the best one does not stay better in the last rounds', async () => {
    const { best } = await run({
      steps: [threads],
      rate: (name, i) => (name === '1 serving thread' && i < 8 ? 1500 : 1000),
    });
    expect(best).toBeUndefined();
  });

  it('does not let a step win that may not', async () => {
    const { best, records } = await run({
      steps: [{ ...batching, mayWin: false }],
      rate: (name) => (name === 'default' ? 1000 : 2000),
    });
    expect([best, records[1]!.toBase?.isBetter]).toEqual([undefined, true]);
  });

  it('leaves out configurations that do not start, or whose requests fail', async () => {
    const failing = { '1 serving thread': 'start', '2 serving threads': 'requests' } as const;
    const { records, best, open } = await run({ rate: (name) => (name === 'batches of 8' ? 1500 : 1000), failing });
    expect(records.map(({ failure }) => failure?.message)).toEqual([
      undefined,
      '1 serving thread does not start',
      '2 serving threads fails',
      undefined,
    ]);
    expect([best, open.size]).toEqual([{ maxBatchSize: 8 }, 0]);
  });

  it.each(['start', 'requests'] as const)('rejects when the default fails: %s', async (what) => {
    await expect(run({ rate: () => 1000, failing: { default: what } })).rejects.toThrow('default');
  });

  it.each([0, 8, 30])('returns what it has when it is stopped at slice %d', async (slice) => {
    const { isStopped, best, open, records } = await run({
      rate: (name) => rates[name]!,
      beforeSlice: (number, abort) => {
        if (number === slice) abort();
      },
    });
    expect([isStopped, best, open.size]).toEqual([true, undefined, 0]);
    expect(records[0]!.slices.length > 0).toBe(slice > 0);
  });
});
