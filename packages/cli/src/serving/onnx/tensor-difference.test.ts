import { createTensor, StringArray, type Tensor, toHalf } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { tensorDifference } from './tensor-difference.js';

const tolerance = { absolute: 1e-5, relative: 1e-4 };
const floats = (...values: number[]): Tensor => createTensor('float', [values.length], Float32Array.from(values));
const doubles = (...values: number[]): Tensor => createTensor('double', [values.length], Float64Array.from(values));
const longs = (...values: bigint[]): Tensor => createTensor('int64', [values.length], BigInt64Array.from(values));
const halves = (...values: number[]): Tensor =>
  createTensor(
    'half',
    [values.length],
    Uint16Array.from(values, (value) => toHalf(value)),
  );
const texts = (...values: string[]): Tensor => createTensor('string', [values.length], StringArray.from(values));

describe('tensorDifference', () => {
  it.each<[string, Tensor, Tensor, number, number]>([
    [
      'equal numbers',
      floats(1, Number.NaN, Number.POSITIVE_INFINITY),
      floats(1, Number.NaN, Number.POSITIVE_INFINITY),
      0,
      0,
    ],
    ['both zeros', floats(0), floats(-0), 0, 0],
    ['numbers within the relative tolerance', doubles(1000, 1), doubles(1000.0625, 1), 0.0625, 0.0000625],
    ['numbers within the absolute tolerance', doubles(0), doubles(2 ** -17), 2 ** -17, Number.POSITIVE_INFINITY],
    ['halves that are one step apart', halves(1), halves(1 + 2 ** -10), 2 ** -10, 2 ** -10],
    ['equal 64-bit integers', longs(2n ** 60n), longs(2n ** 60n), 0, 0],
    ['equal texts', texts('a'), texts('a'), 0, 0],
  ])('accepts %s and tells the largest differences', (_, expected, got, absolute, relative) => {
    expect(tensorDifference(expected, got, tolerance)).toEqual({ absolute, relative, beyond: undefined });
  });

  it.each<[string, Tensor, Tensor, string]>([
    ['a number beyond the tolerance', floats(1, 2), floats(1, 2.5), '2.5 for 2 at element 1'],
    ['NaN for a number', floats(1), floats(Number.NaN), 'NaN for 1 at element 0'],
    [
      'infinity of the other sign',
      floats(Number.POSITIVE_INFINITY),
      floats(Number.NEGATIVE_INFINITY),
      '-Infinity for Infinity',
    ],
    ['64-bit integers that are one apart', longs(2n ** 60n), longs(2n ** 60n + 1n), '1152921504606846977 for'],
    ['another text', texts('a'), texts('b'), '"b" for "a" at element 0'],
    ['another dtype', floats(1), doubles(1), 'double of shape [1] for float of shape [1]'],
    ['another shape', floats(1), floats(1, 1), 'float of shape [2] for float of shape [1]'],
  ])('tells %s', (_, expected, got, text) => {
    expect(tensorDifference(expected, got, tolerance).beyond).toContain(text);
  });
});
