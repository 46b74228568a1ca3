/** The trial by fire: real models come and go under constant load, and no caller notices. */
import { describe, expect, it } from 'vitest';
import { type HotSwapTrialOptions, runHotSwapTrial } from '../../../benchmarks/src/attacks/hot-swap-trial.js';

const inProcessAndRest = { inProcess: 16, withHandles: 16, rest: 32, grpc: 0, impatient: 0 };
const allKinds = { inProcess: 8, withHandles: 8, rest: 16, grpc: 8, impatient: 4 };

describe('a server whose versions come and go under load', () => {
  it.each<[string, HotSwapTrialOptions]>([
    ['32 callers and 32 connections through 100 versions', { ...inProcessAndRest, versions: 100 }],
    [
      'callers of every kind through 20 versions, in batches and beside clients that leave early',
      { ...allKinds, versions: 20, batching: {} },
    ],
  ])(
    'fails no request of %s, and keeps nothing',
    async (_, options) => {
      const { versions } = options;
      const outcome = await runHotSwapTrial(options);
      expect(outcome.wrong).toEqual([]);
      for (const [kind, count] of Object.entries(outcome.requests)) {
        expect(count).toBeGreaterThanOrEqual(options[kind as keyof typeof outcome.requests]);
      }
      expect(outcome.requests.inProcess + outcome.requests.withHandles).toBeGreaterThan(versions);
      expect(outcome.requests.rest).toBeGreaterThan(versions);
      expect(outcome.states.filter(({ state }) => state !== 'END')).toEqual([
        { version: versions, engine: 'tensorflow', state: 'AVAILABLE', status: { errorCode: 'OK', errorMessage: '' } },
      ]);
      expect(outcome.states.every(({ status }) => status.errorCode === 'OK')).toBe(true);
      expect(outcome.openSessions).toBe(1);
      expect(outcome.heapGrowthBytes).toBeLessThan(16 * 2 ** 20);
      expect(outcome.openSessionsAfterClose).toBe(0);
    },
    60_000,
  );
});
