import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RerunBudget } from './rerun-budget.js';

/** Pays until nothing is allowed. Returns how often. */
function useUp(budget: RerunBudget, rows: number): number {
  let count = 0;
  for (; budget.allowsRun; count++) budget.pay(rows);
  return count;
}

describe('RerunBudget', () => {
  it('allows a burst, and then as much as first runs cost', () => {
    const budget = new RerunBudget();
    budget.earn(8);
    expect(useUp(budget, 8)).toBe(17);
    budget.earn(8);
    expect(useUp(budget, 1)).toBe(1);
    for (let i = 0; i < 4; i++) budget.earn(8);
    expect(useUp(budget, 8)).toBe(4);
  });

  it('counts a run like three rows', () => {
    const budget = new RerunBudget();
    budget.earn(12);
    expect(useUp(budget, 0)).toBe((16 * (12 + 3)) / 3 + 1);
  });

  it('allows parts of the first batch of all', () => {
    const budget = new RerunBudget();
    budget.earn(2);
    expect(budget.allowsRun).toBe(true);
  });

  it('saves nothing up in good times beyond the burst', () => {
    const budget = new RerunBudget();
    for (let i = 0; i < 1000; i++) budget.earn(8);
    expect(useUp(budget, 8)).toBe(17);
  });

  it('counts no runs beyond the budget, which take nothing from others', () => {
    const budget = new RerunBudget();
    budget.earn(8);
    useUp(budget, 8);
    for (let i = 0; i < 1000; i++) budget.pay(8);
    budget.earn(8);
    expect(budget.allowsRun).toBe(true);
  });

  it('never lets parts that run first cost more than first runs and a burst, whatever comes', () => {
    const batches = fc.array(
      fc.record({ rows: fc.integer({ min: 1, max: 20 }), reruns: fc.array(fc.integer({ min: 1, max: 20 })) }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(batches, (all) => {
        const budget = new RerunBudget();
        let earned = 0;
        let paid = 0;
        for (const { rows, reruns } of all) {
          budget.earn(rows);
          earned += rows + 3;
          for (const again of reruns) {
            if (budget.allowsRun) paid += again + 3;
            budget.pay(again);
          }
        }
        expect(paid).toBeLessThanOrEqual(earned + 17 * 23);
      }),
    );
  });
});
