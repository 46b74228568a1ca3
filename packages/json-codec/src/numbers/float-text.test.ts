import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactFloatText, randomDouble, randomOf } from './exact-decimals.test-support.js';
import { floatText } from './float-text.js';

describe('floatText', () => {
  it.each([9, 17] as const)('follows the rule with exact digits, to %d of them', (precision) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomOf(seed);
        for (let i = 0; i < 100; i++) {
          const value = (random() & 1 ? -1 : 1) * randomDouble(random);
          const rounded = precision === 9 ? Math.fround(value) : value;
          expect(floatText(rounded, precision)).toBe(exactFloatText(rounded, precision));
        }
      }),
      { numRuns: 30 },
    );
  });
});
