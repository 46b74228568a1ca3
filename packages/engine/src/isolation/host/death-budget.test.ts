import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../testing/src/manual-clock.js';
import { DeathBudget } from './death-budget.js';

describe('DeathBudget', () => {
  it('waits longer with each end within a minute, and allows five', () => {
    const budget = new DeathBudget(new ManualClock(), 5);
    const after = Array.from({ length: 7 }, () => budget.record());
    expect(after.map(({ delayMs }) => delayMs)).toEqual([0, 250, 500, 1000, 2000, 2000, 2000]);
    expect(after.map(({ isExceeded }) => isExceeded)).toEqual([false, false, false, false, false, true, true]);
  });

  it('forgets ends that are a minute ago', async () => {
    const clock = new ManualClock();
    const budget = new DeathBudget(clock, 1);
    budget.record();
    await clock.advance(60_000);
    expect(budget.record()).toEqual({ count: 1, isExceeded: false, delayMs: 0 });
    await clock.advance(59_999);
    expect(budget.record()).toEqual({ count: 2, isExceeded: true, delayMs: 250 });
  });

  it('has no limit with false', () => {
    const budget = new DeathBudget(new ManualClock(), false);
    expect(Array.from({ length: 1000 }, () => budget.record()).some(({ isExceeded }) => isExceeded)).toBe(false);
  });
});
