import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BATCH,
  exactDouble,
  NUMBER_CASES,
  randomDecimal,
  randomOf,
} from '../../numbers/exact-decimals.test-support.js';
import { signatureOf } from '../../signature.test-support.js';
import { ResolvedOnce } from '../predict-request-decoder.js';
import { decodeUsually } from './decode-usually.test-support.js';

/** The tensor that the one-pass decoder makes of a value; `undefined` when it gives up. */
const scanned = (dtype: Parameters<typeof signatureOf>[0][string], text: string) =>
  decodeUsually(Buffer.from(`{"inputs":${text}}`), new ResolvedOnce(() => signatureOf({ x: dtype })))?.inputs.x;

describe('TensorScanner', () => {
  it.each(['double', 'float'] as const)(
    'reads any decimal text to the nearest double, and that to %s',
    { timeout: 3_600_000 },
    (dtype) => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const random = randomOf(seed);
          const texts = Array.from({ length: BATCH }, () => randomDecimal(random));
          const data = scanned(dtype, `[${texts.join(', ')}]`)?.data as Float64Array;
          expect(data?.length, texts.slice(0, 5).join()).toBe(BATCH);
          for (const [i, text] of texts.entries()) {
            const expected = dtype === 'float' ? Math.fround(exactDouble(text)) : exactDouble(text);
            if (data[i] !== expected) expect.fail(`${text} is read as ${data[i]}, should be ${expected}`);
          }
        }),
        { numRuns: NUMBER_CASES / BATCH, endOnFailure: true },
      );
    },
  );

  it.each([
    ['-0', 0],
    ['-0.0', -0],
    ['-0e5', -0],
    ['0.1', 0.1],
    ['1E+2', 100],
    ['5e-324', 5e-324],
    ['2.4703282292062327e-324', 0],
    ['2.4703282292062328e-324', 5e-324],
    ['1e-400', 0],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['1.8e308', Number.POSITIVE_INFINITY],
    ['2.2250738585072014e-308', 2.2250738585072014e-308],
    ['2.2250738585072011e-308', 2.225073858507201e-308],
    ['9007199254740993', 9007199254740992],
    ['4503599627370497.5', 4503599627370498],
    ['1.000000000000000000e+00', 1],
    ['0.50000000000000000000000', 0.5],
    ['18446744073709551616', 18446744073709552000],
    ['-NaN', Number.NaN],
    ['Inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
  ])('reads %s as the double %d', (text, value) => {
    expect(scanned('double', `[${text}]`)).toMatchObject({ shape: [1], data: Float64Array.of(value) });
    expect(scanned('double', text)).toMatchObject({ shape: [], data: Float64Array.of(value) });
  });

  it.each([
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    '1e309',
    'nan',
    'Infinit',
    '-',
    '--1',
    '1 2',
    '"1"',
    'true',
    'null',
    '[]',
    '',
  ])('gives up on %s', (text) => {
    expect(scanned('double', `[1,${text}]`)).toBeUndefined();
  });

  it.each([
    ['int8', ['-129', '127', '300'], [127, 127, 44]],
    ['int32', ['-2147483648', '2147483647', '-0'], [-2147483648, 2147483647, 0]],
    ['uint32', ['4294967295', '-0'], [4294967295, 0]],
    ['int64', ['-9223372036854775808', '9223372036854775807'], [-(2n ** 63n), 2n ** 63n - 1n]],
    ['uint64', ['18446744073709551615', '-0'], [2n ** 64n - 1n, 0n]],
  ] as const)('reads the integers of %s to their limits', (dtype, texts, values) => {
    expect(Array.from<unknown>(scanned(dtype, `[${texts}]`)!.data as never)).toEqual(values);
  });

  it.each([
    ['int8', '2147483648'],
    ['int32', '-2147483649'],
    ['uint32', '4294967296'],
    ['uint32', '-1'],
    ['int64', '9223372036854775808'],
    ['int64', '-9223372036854775809'],
    ['int64', '99999999999999999999'],
    ['uint64', '18446744073709551616'],
    ['uint64', '100000000000000000000'],
    ['uint64', '-1'],
    ['int32', '1.0'],
    ['int32', '1e2'],
    ['bool', '1'],
    ['bool', 'trues'],
  ] as const)('gives up on %s %s', (dtype, text) => {
    expect(scanned(dtype, `[${text}]`)).toBeUndefined();
  });

  it('reads lists that are longer than its memory, with any white space, wherever a piece ends', () => {
    const space = fc.constantFrom('', ' ', '\n', '\t\r\n  ');
    const wide = fc.constantFrom(' ', '\n'.repeat(700), ' '.repeat(70_000));
    fc.assert(
      fc.property(
        fc.array(space, { minLength: 6, maxLength: 6 }),
        wide,
        fc.integer({ min: 1, max: 5 }),
        (s, w, size) => {
          const rows = 9_000;
          const value = (i: number): string => `${s[0]}${i}${s[1]}`;
          const row = (i: number): string =>
            `[${Array.from({ length: size }, (_, k) => value(i * size + k)).join(i % 3000 === 0 ? `${w},${w}` : ',')}]${s[2]}`;
          const list = Array.from({ length: rows }, (_, i) => row(i)).join(`${s[4]},`);
          const tensor = scanned('int32', `[${s[3]}[${list}${w}]${s[5]}]`)!;
          expect(tensor.shape).toEqual([1, rows, size]);
          expect(tensor.data).toEqual(Int32Array.from({ length: rows * size }, (_, i) => i));
        },
      ),
      { numRuns: 12 },
    );
  });

  it.each(['[[1,2],[3]]', '[[1],2]', '[1,[2]]', '[[],[]]', '[[1],[2]', '[[1]]]', '[1}', '[1\0]'])(
    'gives up on the irregular %s',
    (text) => {
      expect(scanned('int32', text)).toBeUndefined();
    },
  );

  it('gives up on more than 32 dimensions', () => {
    expect(scanned('int32', '['.repeat(32) + 1 + ']'.repeat(32))?.shape).toEqual(new Array(32).fill(1));
    expect(scanned('int32', '['.repeat(33) + 1 + ']'.repeat(33))).toBeUndefined();
  });
});
