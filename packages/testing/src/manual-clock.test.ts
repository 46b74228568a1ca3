import { describe, expect, it } from 'vitest';
import { isSettled, ManualClock } from './manual-clock.js';

describe('ManualClock', () => {
  it('fires what falls due, in the order of time, and nothing else', async () => {
    const clock = new ManualClock();
    const fired: [string, number][] = [];
    const tell = (name: string) => () => void fired.push([name, clock.now()]);
    clock.setTimer(tell('late'), 30);
    clock.setTimer(tell('early'), 10);
    clock.setTimer(tell('too late'), 41);
    clock.setTimer(tell('cancelled'), 20)();
    await clock.advance(40);
    expect(fired).toEqual([
      ['early', 10],
      ['late', 30],
    ]);
    expect(clock.now()).toBe(40);
    expect(clock.pendingTimers).toBe(1);
  });

  it('fires timers that were set by timers, when they fall due too', async () => {
    const clock = new ManualClock();
    let ticks = 0;
    const tick = (): void => {
      ticks++;
      clock.setTimer(tick, 10);
    };
    tick();
    await clock.advance(35);
    expect(ticks).toBe(4);
  });
});

describe('isSettled', () => {
  it('tells promises that wait from those that need no time', async () => {
    expect(await isSettled(Promise.reject(new Error('no')))).toBe(true);
    expect(await isSettled(new Promise(() => {}))).toBe(false);
  });
});
