import { describe, expect, it } from 'vitest';
import { compareRounds } from './tune-comparison.js';

describe('compareRounds', () => {
  it.each<[what: string, own: readonly number[], median: number, isBetter: boolean]>([
    ['better in every round', [120, 115, 130, 118, 119], 1.19, true],
    ['better in six rounds of seven', [120, 115, 90, 118, 119, 117, 121], 1.18, true],
    ['better in five rounds of seven', [120, 115, 90, 80, 119, 117, 121], 1.17, false],
    ['better by less than 5 %', [104, 104, 104, 104, 104], 1.04, false],
    ['worse', [50, 60, 55, 52, 51], 0.52, false],
    ['better in an even number of rounds', [110, 130], 1.2, true],
  ])('of %s', (_, own, median, isBetter) => {
    const compared = compareRounds(
      own,
      own.map(() => 100),
    );
    expect(compared).toMatchObject({ isBetter, lowest: Math.min(...own) / 100, highest: Math.max(...own) / 100 });
    expect(compared.median).toBeCloseTo(median);
  });

  it('compares what was measured in the same round', () => {
    // A busy neighbour halves the second round of both.
    expect(compareRounds([120, 60, 120], [100, 50, 100])).toMatchObject({ median: 1.2, isBetter: true });
  });
});
