import { describe, expect, it } from 'vitest';
import { isSettled, ManualClock } from '../../../testing/src/manual-clock.js';
import { type ShutdownParts, shutDown } from './shutdown.js';

/** Parts that tell what is done to them, and when. */
function recorded(clock: ManualClock, overrides: Partial<ShutdownParts> = {}) {
  const told: string[] = [];
  const tell = (what: string): void => void told.push(`${clock.now()} ${what}`);
  const parts: ShutdownParts = {
    clock,
    listeners: [
      {
        drain: () => tell('REST drains'),
        close: async ({ timeoutMs } = {}) => tell(`REST closes within ${timeoutMs}`),
      },
      { close: async ({ timeoutMs } = {}) => tell(`gRPC closes within ${timeoutMs}`) },
    ],
    modelServer: {
      drain: () => tell('models drain'),
      close: async ({ timeoutMs } = {}) => tell(`models close within ${timeoutMs}`),
    },
    release: async () => tell('the rest is released'),
    ...overrides,
  };
  return { parts, told };
}

describe('shutDown', () => {
  it('turns readiness false, then closes the listeners, then the models', async () => {
    const clock = new ManualClock();
    const { parts, told } = recorded(clock);
    const outcome = shutDown(parts, { drainDelayMs: 1000, graceMs: 25_000 });
    await clock.advance(1000);
    expect(await outcome).toBe('complete');
    expect(told).toEqual([
      '0 models drain',
      '0 REST drains',
      '1000 REST closes within 24000',
      '1000 gRPC closes within 24000',
      '1000 models close within 24000',
      '1000 the rest is released',
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('waits without a limit where there is none', async () => {
    const clock = new ManualClock();
    const { parts, told } = recorded(clock);
    expect(await shutDown(parts, { drainDelayMs: false, graceMs: false })).toBe('complete');
    expect(told).toContain('0 models close within undefined');
  });

  it('is over shortly after its grace when something never ends', async () => {
    const clock = new ManualClock();
    const { parts } = recorded(clock, { release: () => new Promise(() => undefined) });
    const outcome = shutDown(parts, { drainDelayMs: 1000, graceMs: 5000 });
    await clock.advance(6999);
    expect(await isSettled(outcome)).toBe(false);
    await clock.advance(1);
    expect(await outcome).toBe('given-up');
  });

  it('rejects with what a step failed of', async () => {
    const clock = new ManualClock();
    const { parts } = recorded(clock, { release: () => Promise.reject(new Error('stuck')) });
    await expect(shutDown(parts, { drainDelayMs: false, graceMs: 5000 })).rejects.toThrow('stuck');
    expect(clock.pendingTimers).toBe(0);
  });
});
