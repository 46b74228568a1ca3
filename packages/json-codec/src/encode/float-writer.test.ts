import { createTensor } from '@serving/core/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH, exactFloatText, NUMBER_CASES, randomDouble, randomOf } from '../numbers/exact-decimals.test-support.js';
import { MAX_FLOAT_TEXT, writeFloat32 } from './float-writer.js';
import { encodePredictResponse } from './predict-response-encoder.js';

const texts = (dtype: 'float' | 'double', values: readonly number[]): string[] => {
  const data = dtype === 'float' ? Float32Array.from(values) : Float64Array.from(values);
  const body = encodePredictResponse('columnar', { y: createTensor(dtype, [values.length], data) }, { compact: true });
  return Buffer.from(body).toString('latin1').slice('{"outputs":['.length, -2).split(',');
};

const common: readonly [number, string][] = [
  [1, '1.0'],
  [-0, '-0.0'],
  [0.1, '0.1'],
  [100000, '100000.0'],
  [1000000, '1e+06'],
  [1234567, '1234567.0'],
  [2 ** 24, '16777216.0'],
  [1e-5, '1e-05'],
  [1e-4, '0.0001'],
  [999999.5, '999999.5'],
  [123456.5, '123456.5'],
  [-12, '-12.0'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
];

const floats: readonly [number, string][] = [
  ...common,
  [1 / 3, '0.333333343'],
  [1e10 + 1, '1e+10'],
  [123456789012, '1.23456791e+11'],
  [2 ** -149, '1.4013e-45'],
  [0.00012345679, '0.00012345679'],
  [9999995, '9999995.0'],
  [9.999995e9, '9.99999488e+09'],
  [3.4028234663852886e38, '3.40282347e+38'],
  [1.1754943508222875e-38, '1.17549435e-38'],
];

const doubles: readonly [number, string][] = [
  ...common,
  [1 / 3, '0.33333333333333331'],
  [1e10 + 1, '10000000001.0'],
  [123456789012, '123456789012.0'],
  [5e-324, '4.94066e-324'],
  [2 ** 48 + 0.125, '281474976710656.12'],
  [2 ** 48 + 0.375, '281474976710656.38'],
  [1234565e12, '1.234565e+18'],
  [1e20, '1e+20'],
  [1e100, '1e+100'],
  [2.2250738585072014e-308, '2.2250738585072014e-308'],
  [Number.MAX_VALUE, '1.7976931348623157e+308'],
];

describe('encodePredictResponse', () => {
  it.each(floats)('writes float32 %d as %s', (value, text) => {
    expect(texts('float', [value])).toEqual([text]);
  });

  it.each(doubles)('writes float64 %d as %s', (value, text) => {
    expect(texts('double', [value])).toEqual([text]);
  });

  it.each([
    ['float', 9],
    ['double', 17],
  ] as const)('writes any %s as C does, to %d digits', { timeout: 3_600_000 }, (dtype, precision) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = randomOf(seed);
        const values = Array.from({ length: BATCH }, () => {
          const value = (random() & 1 ? -1 : 1) * randomDouble(random);
          return dtype === 'float' ? Math.fround(value) : value;
        });
        const written = texts(dtype, values);
        expect(written.length).toBe(BATCH);
        for (const [i, value] of values.entries()) {
          const expected = exactFloatText(value, precision);
          if (written[i] !== expected) expect.fail(`${value} is written ${written[i]}, should be ${expected}`);
        }
      }),
      { numRuns: NUMBER_CASES / BATCH, endOnFailure: true },
    );
  });
});

describe('writeFloat32', () => {
  it.each(floats)('writes %d as %s', (value, text) => {
    const bytes = new Uint8Array(MAX_FLOAT_TEXT + 3);
    const end = writeFloat32(Math.fround(value), bytes, 2);
    expect(Buffer.from(bytes.subarray(2, end)).toString('latin1')).toBe(text);
  });
});
