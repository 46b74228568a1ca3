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

  it('keeps no process alive by its timers', () => {
    const unref = vi.fn();
    vi.spyOn(globalThis, 'setTimeout').mockReturnValue({ unref } as never);
    systemClock.setTimer(() => {}, 10);
    expect(unref).toHaveBeenCalledOnce();
  });
});
