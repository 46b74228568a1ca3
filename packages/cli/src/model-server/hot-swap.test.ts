/** The trial by fire: real models come and go under constant load, and no caller notices. */
import { describe, expect, it } from 'vitest';
import { runHotSwapTrial } from '../../../benchmarks/src/attacks/hot-swap-trial.js';

const CALLERS = 32;
const VERSIONS = 100;

describe('a server whose versions come and go under load', () => {
  it(`fails no request of ${CALLERS} callers, ${CALLERS} connections and their like over gRPC through ${VERSIONS} versions, and keeps nothing`, async () => {
    const outcome = await runHotSwapTrial({
      versions: VERSIONS,
      inProcess: CALLERS / 2,
      withHandles: CALLERS / 2,
      rest: CALLERS,
      grpc: CALLERS / 4,
      impatient: 4,
    });
    expect(outcome.wrong).toEqual([]);
    expect(Math.min(...Object.values(outcome.requests))).toBeGreaterThan(VERSIONS);
    expect(outcome.states.filter(({ state }) => state !== 'END')).toEqual([
      { version: VERSIONS, state: 'AVAILABLE', status: { errorCode: 'OK', errorMessage: '' } },
    ]);
    expect(outcome.states.every(({ status }) => status.errorCode === 'OK')).toBe(true);
    expect(outcome.openSessions).toBe(1);
    expect(outcome.heapGrowthBytes).toBeLessThan(16 * 2 ** 20);
    expect(outcome.openSessionsAfterClose).toBe(0);
  }, 60_000);
});
