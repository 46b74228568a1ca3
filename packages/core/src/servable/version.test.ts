import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServingError } from '../serving-error.js';
import { compareVersions, parseVersion, toVersion, versionToJson } from './version.js';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
/** Of every size, and often near the ends of what a number and an int64 hold. */
const int64 = fc.oneof(
  fc.bigInt({ min: MIN, max: MAX }),
  fc.bigInt({ min: -20n, max: 20n }),
  fc
    .tuple(fc.constantFrom(2n ** 53n, -(2n ** 53n), MAX - 20n, MIN + 20n), fc.bigInt({ min: -20n, max: 20n }))
    .map(([middle, distance]) => middle + distance),
);

describe('toVersion', () => {
  it('gives the same for a bigint, its digits and its number: a number exactly where that is exact', () => {
    fc.assert(
      fc.property(int64, fc.nat(30), (value, zeros) => {
        const version = toVersion(value);
        expect(typeof version).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint');
        expect(BigInt(version!)).toBe(value);
        const digits = `${value < 0n ? '-' : ''}${'0'.repeat(zeros)}${value < 0n ? -value : value}`;
        expect(toVersion(digits)).toBe(version);
        if (value >= 0n) expect(toVersion(`+${digits}`)).toBe(version);
        if (typeof version === 'number') expect(toVersion(Number(value))).toBe(version);
        expect(toVersion(version)).toBe(version);
        expect(toVersion(versionToJson(version!))).toBe(version);
      }),
    );
  });

  it('makes equal versions equal keys and different ones different keys', () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        expect(toVersion(a) === toVersion(b)).toBe(a === b);
        expect(new Map([[toVersion(a), true]]).has(toVersion(String(b)))).toBe(a === b);
      }),
    );
  });

  it('has one zero', () => {
    for (const value of [-0, 0n, '-0', '-00', '+0']) expect(Object.is(toVersion(value), 0)).toBe(true);
  });

  it.each<[string, unknown[]]>([
    ['other texts', ['', '1a', '1.0', '1e3', '0x6', ' 4', '4\n', '+', '+-1', '1_000', '٣', 'latest']],
    ['inexact numbers', [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 60)]],
    ['what is beyond int64', [MAX + 1n, MIN - 1n, String(MAX + 1n), String(MIN - 1n), '9'.repeat(400)]],
    ['other types', [null, undefined, true, [], {}, Symbol('3')]],
  ])('refuses %s', (_, values) => {
    for (const value of values) expect(toVersion(value)).toBeUndefined();
  });

  it('refuses every text that is not digits', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!/^[+-]?\d+$/.test(text));
        expect(toVersion(text)).toBeUndefined();
      }),
    );
  });
});

describe('parseVersion', () => {
  it('names the place and the value, and tells how to write what a number does not hold', () => {
    const refusal = (value: unknown): ServingError => {
      try {
        parseVersion(value, 'Model "m": ');
      } catch (error) {
        return ServingError.from(error);
      }
      throw new Error('not refused');
    };
    const expected = 'Model "m": expected a version, an int64 as a number, a bigint or digits';
    expect(refusal('latest')).toMatchObject({ code: 'INVALID_ARGUMENT', message: `${expected} (got "latest")` });
    expect(refusal(2 ** 60).message).toBe(
      `${expected} (got 1152921504606847000); numbers beyond 2^53 - 1 are not exact, pass a bigint or digits`,
    );
    expect(refusal(Symbol('x')).message).toBe(`${expected} (got Symbol(x))`);
    expect(refusal({}).message).toBe(`${expected} (got an object)`);
    expect(refusal('9'.repeat(1000)).message.length).toBeLessThan(150);
    expect(parseVersion('20241130113432123')).toBe(20241130113432123n);
  });
});

describe('compareVersions', () => {
  it('orders as the integers do, numbers and bigints mixed', () => {
    fc.assert(
      fc.property(fc.array(int64), (values) => {
        const sorted = values.map((value) => toVersion(value)!).sort(compareVersions);
        expect(sorted.map(BigInt)).toEqual([...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      }),
    );
  });
});
