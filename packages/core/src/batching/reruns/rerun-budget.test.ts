import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RerunBudget } from './rerun-budget.js';

/** A batch that runs for the first time. */
function first(budget: RerunBudget, rows: number, succeeds = true): void {
  budget.earnRun(rows);
  budget.earnRows(rows, succeeds);
}

describe('RerunBudget', () => {
  it('allows a burst, and then as much as batches cost that run for the first time', () => {
    const budget = new RerunBudget();
    first(budget, 8);
    for (let i = 0; i <= 16; i++) {
      expect(budget.allowsRun).toBe(true);
      budget.payForRerun(8);
    }
    expect(budget.allowsRun).toBe(false);
    first(budget, 8);
    expect(budget.allowsRun).toBe(true);
    budget.payForRerun(1);
    expect(budget.allowsRun).toBe(false);
  });

  it('counts a run like some rows, and each portion but the first', () => {
    const [runs, portions] = [new RerunBudget(), new RerunBudget()];
    let count = 0;
    first(runs, 12);
    for (; runs.allowsRun; count++) runs.payForRerun(0);
    expect(count).toBe((16 * (12 + 3)) / 3 + 1);
    first(portions, 12);
    portions.payForPortions(count);
    expect(portions.allowsRun).toBe(true);
    portions.payForPortions(2);
    expect(portions.allowsRun).toBe(false);
  });

  it('counts half the rows of a first run that fails', () => {
    const budget = new RerunBudget();
    first(budget, 12);
    for (; budget.allowsRun; ) budget.payForRerun(0);
    first(budget, 12, false);
    for (let i = 0; i < (3 + 6) / 3; i++) budget.payForRerun(0);
    expect(budget.allowsRun).toBe(false);
  });

  it('allows parts of the first batch of all', () => {
    const budget = new RerunBudget();
    first(budget, 2);
    expect(budget.allowsRun).toBe(true);
  });

  it('saves nothing up in good times beyond the burst', () => {
    const budget = new RerunBudget();
    for (let i = 0; i < 1000; i++) first(budget, 8);
    let runs = 0;
    for (; budget.allowsRun; runs++) budget.payForRerun(8);
    expect(runs).toBe(17);
  });

  it('never lets parts cost more than first runs and a burst, whatever comes', () => {
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
          first(budget, rows);
          earned += rows + 3;
          for (const again of reruns) {
            if (!budget.allowsRun) break;
            budget.payForRerun(again);
            paid += again + 3;
          }
        }
        expect(paid).toBeLessThanOrEqual(earned + 17 * 23);
      }),
    );
  });
});
