import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePredictRequest } from '../decode/predict-request-decoder.js';
import { signatureOf } from '../signature.test-support.js';
import { decimalValue } from './decimal-value.js';

const digits = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength }).map((list) => list.join(''));

const integers: fc.Arbitrary<string> = digits(25).map((text) => text.replace(/^0+(?=.)/, ''));

/** Halfway between two neighbouring doubles, written out in full where that is short enough. */
const midpoints: fc.Arbitrary<string> = fc
  .tuple(
    fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
    fc.integer({ min: 0, max: 30 }),
    fc.constantFrom('', '1', '000000001'),
  )
  .map(([significand, shift, tail]) => {
    const scaled = (2n * significand + 1n) * 10n ** BigInt(shift);
    const text = (scaled / 2n ** BigInt(shift)).toString().padStart(shift + 1, '0');
    return `${text.slice(0, text.length - shift)}${shift === 0 ? '' : `.${text.slice(text.length - shift)}${tail}`}`;
  });

const decimals: fc.Arbitrary<string> = fc.oneof(
  midpoints,
  integers,
  fc.tuple(integers, digits(25)).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc
    .tuple(integers, digits(20), fc.constantFrom('e', 'E', 'e+', 'e-', 'E-'), fc.integer({ min: 0, max: 99 }))
    .map(([whole, fraction, letter, exponent]) => `${whole}.${fraction}${letter}${exponent}`),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: 0, max: 1e30, noNaN: true }).map((value) => value.toPrecision(17)),
);

const decodedOf = (
  dtype: 'float' | 'double' | 'int64' | 'uint64' | 'int32',
  texts: readonly string[],
  tail: string,
): unknown[] => {
  const body = Buffer.from(`{"instances":[${texts.join(',')}]${tail}}`);
  const { inputs } = decodePredictRequest(body, () => signatureOf({ x: dtype }));
  return Array.from<unknown, unknown>(inputs.x!.data as Float64Array, (value) => value);
};

/** The second makes the exact decoder read the body. */
const tails = ['', ',"other":0'];

describe('decimalValue', () => {
  it('is the nearest double', () => {
    fc.assert(
      fc.property(decimals, (text) => {
        expect(decimalValue(Buffer.from(text), 0, text.length)).toBe(Number(text));
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('decodePredictRequest', () => {
  it('rounds decimals to the nearest double, and that to float32', () => {
    const signed = fc.tuple(fc.constantFrom('', '-'), decimals).map(([sign, text]) => sign + text);
    fc.assert(
      fc.property(fc.array(signed, { minLength: 1, maxLength: 40 }), fc.constantFrom(...tails), (texts, tail) => {
        // An integer token -0 is 0.
        const expected = texts.map((text) => (/^-0$/.test(text) ? 0 : Number(text)));
        expect(decodedOf('double', texts, tail)).toEqual(expected);
        expect(decodedOf('float', texts, tail)).toEqual(expected.map(Math.fround));
      }),
      { numRuns: 300 },
    );
  });

  it('keeps all digits of 64-bit integers', () => {
    const near = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 2n ** 53n - 9n, max: 2n ** 53n + 9n }),
      fc.nat().map(BigInt),
    );
    fc.assert(
      fc.property(fc.array(near, { minLength: 1, maxLength: 9 }), fc.constantFrom(...tails), (values, tail) => {
        const negated = values.map((value) => -value);
        expect(decodedOf('int64', values.map(String), tail)).toEqual(values);
        expect(decodedOf('int64', negated.map(String), tail)).toEqual(negated);
        expect(
          decodedOf(
            'uint64',
            values.map((value) => String(2n * value)),
            tail,
          ),
        ).toEqual(values.map((value) => 2n * value));
      }),
      { numRuns: 300 },
    );
  });
});
