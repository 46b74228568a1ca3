import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RerunBudget } from './rerun-budget.js';

describe('RerunBudget', () => {
  it('allows a burst, and then as much as first runs take', () => {
    const budget = new RerunBudget();
    budget.recordFirst(10, true);
    for (let i = 0; i <= 16; i++) {
      expect(budget.allowsRun).toBe(true);
      budget.recordAgain(10);
    }
    expect(budget.allowsRun).toBe(false);
    budget.recordFirst(10, true);
    expect(budget.allowsRun).toBe(true);
    budget.recordAgain(5);
    expect(budget.allowsRun).toBe(false);
  });

  it('counts a first run that ends early with an error like an average good one', () => {
    const budget = new RerunBudget();
    budget.recordFirst(10, true);
    for (let i = 0; i <= 16; i++) budget.recordAgain(10);
    budget.recordFirst(1, false);
    expect(budget.allowsRun).toBe(true);
  });

  it('allows the first failed batch of all to run again', () => {
    const budget = new RerunBudget();
    budget.recordFirst(10, false);
    expect(budget.allowsRun).toBe(true);
  });

  it('saves nothing up in good times beyond the burst', () => {
    const budget = new RerunBudget();
    for (let i = 0; i < 1000; i++) budget.recordFirst(10, true);
    let runs = 0;
    for (; budget.allowsRun; runs++) budget.recordAgain(10);
    expect(runs).toBe(17);
  });

  it('never lets parts run longer than first runs and a burst, whatever comes', () => {
    const events = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 20 }), succeeds: fc.boolean() }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(events, (firsts) => {
        const budget = new RerunBudget();
        let first = 0;
        let again = 0;
        for (const { ms, succeeds } of firsts) {
          budget.recordFirst(ms, succeeds);
          // A failed one may count like one that takes as long as any.
          first += succeeds ? ms : 20;
          while (!succeeds && budget.allowsRun) {
            budget.recordAgain(ms);
            again += ms;
          }
        }
        expect(again).toBeLessThanOrEqual(first + 17 * 20);
      }),
    );
  });
});
