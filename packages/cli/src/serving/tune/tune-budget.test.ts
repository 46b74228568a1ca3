import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../testing/src/manual-clock.js';
import { TuneBudget } from './tune-budget.js';

describe('TuneBudget', () => {
  it('divides what is left among the slices, less what further starts take', async () => {
    const clock = new ManualClock();
    const budget = new TuneBudget(10, clock);
    expect(budget.sliceMs({ slices: 10, starts: 3 })).toBe(1000);
    expect(budget.warmUpMs).toBeCloseTo(166.7, 1);
    await budget.start(() => clock.advance(2000));
    expect(budget.sliceMs({ slices: 10, starts: 0 })).toBe(800);
    expect(budget.sliceMs({ slices: 10, starts: 2 })).toBe(400);
  });

  it('never gives less than 100 ms, and says when it is spent', async () => {
    const clock = new ManualClock();
    const budget = new TuneBudget(1, clock);
    expect([budget.sliceMs({ slices: 1000, starts: 0 }), budget.isSpent]).toEqual([100, false]);
    await clock.advance(1500);
    expect([budget.sliceMs({ slices: 1, starts: 0 }), budget.isSpent]).toEqual([100, true]);
  });
});
