import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_FLOAT_TEXT, writeFloat32, writeFloat64 } from './float-writer.js';

function written(write: typeof writeFloat32, value: number): string {
  const bytes = new Uint8Array(MAX_FLOAT_TEXT + 3);
  const end = write(value, bytes, 2);
  expect(end - 2).toBeLessThanOrEqual(MAX_FLOAT_TEXT);
  return Buffer.from(bytes.subarray(2, end)).toString('latin1');
}

/** C's `%.{precision}g` of a positive double, from its exact value. */
function formatG(value: number, precision: number): string {
  const { numerator, denominator } = exactly(value);
  let exponent = Math.floor(Math.log10(value));
  const atLeast = (power: number): boolean =>
    power >= 0 ? numerator >= denominator * 10n ** BigInt(power) : numerator * 10n ** BigInt(-power) >= denominator;
  while (!atLeast(exponent)) exponent--;
  while (atLeast(exponent + 1)) exponent++;
  const shift = precision - 1 - exponent;
  const top = shift >= 0 ? numerator * 10n ** BigInt(shift) : numerator;
  const bottom = shift >= 0 ? denominator : denominator * 10n ** BigInt(-shift);
  let digits = top / bottom;
  const twice = 2n * (top % bottom);
  if (twice > bottom || (twice === bottom && digits % 2n === 1n)) digits++;
  if (digits === 10n ** BigInt(precision)) {
    digits /= 10n;
    exponent++;
  }
  const text = digits.toString();
  const trim = (fraction: string): string => fraction.replace(/0+$/, '').replace(/\.$/, '');
  if (exponent < -4 || exponent >= precision) {
    const sign = exponent < 0 ? '-' : '+';
    return `${trim(`${text[0]}.${text.slice(1)}`)}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return trim(`0.${'0'.repeat(-exponent - 1)}${text}`);
  return trim(`${text.slice(0, exponent + 1)}.${text.slice(exponent + 1)}`);
}

function exactly(value: number): { numerator: bigint; denominator: bigint } {
  let numerator = value;
  let denominator = 1n;
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(numerator), denominator };
}

function expected(value: number, precision: number, round: (value: number) => number): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === 0) return `${sign}0.0`;
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}Infinity`;
  const six = formatG(magnitude, 6);
  const text = round(Number(six)) === magnitude ? six : formatG(magnitude, precision);
  return sign + (/[.e]/.test(text) ? text : `${text}.0`);
}

/** Values with few digits, of few bits, near powers of ten and ties, and of any bits. */
const values: fc.Arbitrary<number> = fc.oneof(
  fc.double(),
  fc.float(),
  fc
    .tuple(fc.integer({ min: -2_000_000, max: 2_000_000 }), fc.integer({ min: -12, max: 12 }))
    .map(([n, e]) => Number(`${n}e${e}`)),
  fc.tuple(fc.integer({ min: 0, max: 2 ** 26 }), fc.integer({ min: -40, max: 40 })).map(([n, e]) => n * 2 ** e),
  fc
    .tuple(fc.integer({ min: -30, max: 38 }), fc.integer({ min: -2, max: 2 }))
    .map(([e, n]) => Number(`1e${e}`) * (1 + n * 2 ** -24)),
  fc.tuple(fc.maxSafeNat(), fc.integer({ min: 0, max: 20 })).map(([n, e]) => n / 2 ** e),
);

describe('writeFloat32', () => {
  it.each<[number, string]>([
    [1, '1.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [100000, '100000.0'],
    [1000000, '1e+06'],
    [1234567, '1234567.0'],
    [1 / 3, '0.333333343'],
    [2 ** 24, '16777216.0'],
    [1e-5, '1e-05'],
    [1e10 + 1, '1e+10'],
    [123456789012, '1.23456791e+11'],
    [2 ** -149, '1.4013e-45'],
    [1e-4, '0.0001'],
    [0.00012345679, '0.00012345679'],
    [999999.5, '999999.5'],
    [9999995, '9999995.0'],
    [3.4028234663852886e38, '3.40282347e+38'],
    [1.1754943508222875e-38, '1.17549435e-38'],
    [Number.NaN, 'NaN'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('writes %d as %s', (value, text) => {
    expect(written(writeFloat32, Math.fround(value))).toBe(text);
  });

  it('writes what C does', () => {
    fc.assert(
      fc.property(values, (value) => {
        const single = Math.fround(value);
        expect(written(writeFloat32, single)).toBe(expected(single, 9, Math.fround));
      }),
      { numRuns: 6_000 },
    );
  });
});

describe('writeFloat64', () => {
  it.each<[number, string]>([
    [1, '1.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [100000, '100000.0'],
    [1000000, '1e+06'],
    [1234567, '1234567.0'],
    [1 / 3, '0.33333333333333331'],
    [2 ** 24, '16777216.0'],
    [1e-5, '1e-05'],
    [1e10 + 1, '10000000001.0'],
    [123456789012, '123456789012.0'],
    [5e-324, '4.94066e-324'],
    [2 ** 48 + 0.125, '281474976710656.12'],
    [2 ** 48 + 0.375, '281474976710656.38'],
    [1e100, '1e+100'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
  ])('writes %d as %s', (value, text) => {
    expect(written(writeFloat64, value)).toBe(text);
  });

  it('writes what C does', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(written(writeFloat64, value)).toBe(expected(value, 17, (back) => back));
      }),
      { numRuns: 6_000 },
    );
  });
});
