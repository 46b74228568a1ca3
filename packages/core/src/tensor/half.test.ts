import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBfloat16, fromHalf, toBfloat16, toHalf } from './half.js';

const patterns = Array.from({ length: 0x10000 }, (_, pattern) => pattern);

const formats = [
  { name: 'half', to: toHalf, from: fromHalf, infinity: 0x7c00, nan: 0x7e00 },
  { name: 'bfloat16', to: toBfloat16, from: fromBfloat16, infinity: 0x7f80, nan: 0x7fc0 },
];

describe.each(formats)('$name', ({ to, from, infinity, nan }) => {
  it('gives every pattern but the other NaNs back', () => {
    const wrong = patterns.filter((pattern) => to(from(pattern)) !== ((pattern & 0x7fff) > infinity ? nan : pattern));
    expect(wrong).toEqual([]);
  });

  it('rounds to the nearest number, ties to the even pattern', () => {
    const positive = patterns.filter((pattern) => pattern < infinity - 1);
    for (const lower of positive) {
      const middle = (from(lower) + from(lower + 1)) / 2;
      const even = lower % 2 === 0 ? lower : lower + 1;
      if (to(middle) !== even || to(-middle) !== (0x8000 | even)) expect.fail(`${middle} is not ${even}`);
      const above = middle * (1 + 2 ** -40);
      const below = middle * (1 - 2 ** -40);
      if (to(above) !== lower + 1 || to(below) !== lower) expect.fail(`about ${middle}`);
    }
  });

  it('is monotone and odd', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(from(to(low))).toBeLessThanOrEqual(from(to(high)));
        expect(from(to(-a))).toBe(-from(to(a)));
      }),
    );
  });

  it.each([
    [Number.POSITIVE_INFINITY, infinity],
    [Number.NEGATIVE_INFINITY, 0x8000 | infinity],
    [Number.MAX_VALUE, infinity],
    [Number.MIN_VALUE, 0],
    [-0, 0x8000],
    [Number.NaN, nan],
  ])('makes %d the pattern %i', (value, pattern) => {
    expect(to(value)).toBe(pattern);
  });
});

describe('toHalf', () => {
  it.each([
    [1, 0x3c00],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [0.1, 0x2e66],
  ])('makes %d the pattern %i', (value, pattern) => {
    expect(toHalf(value)).toBe(pattern);
  });
});
