import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from './clock.js';

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fires a timer once, and never one that was cancelled', () => {
    const fired: string[] = [];
    const begin = systemClock.now();
    systemClock.setTimer(() => fired.push('a'), 10);
    const cancel = systemClock.setTimer(() => fired.push('b'), 5);
    cancel();
    vi.advanceTimersByTime(100);
    expect(fired).toEqual(['a']);
    expect(systemClock.now() - begin).toBe(100);
    expect(systemClock.wallTime()).toBe(Date.now());
  });

  it('waits for longer than 24 days', () => {
    const fired: string[] = [];
    const day = 24 * 3_600_000;
    systemClock.setTimer(() => fired.push('a'), 60 * day);
    const cancel = systemClock.setTimer(() => fired.push('b'), 60 * day);
    systemClock.setTimer(() => fired.push('c'), Number.POSITIVE_INFINITY);
    vi.advanceTimersByTime(50 * day);
    cancel();
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(60 * day);
    expect(fired).toEqual(['a']);
  });

  it('keeps no process alive by its timers', () => {
    const unref = vi.fn();
    vi.spyOn(globalThis, 'setTimeout').mockReturnValue({ unref } as never);
    systemClock.setTimer(() => {}, 10);
    expect(unref).toHaveBeenCalledOnce();
  });
});
