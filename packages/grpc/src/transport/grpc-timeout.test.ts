import { expect, it } from 'vitest';
import { parseGrpcTimeout } from './grpc-timeout.js';

it.each<[string, number | undefined]>([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3000],
  ['250m', 250],
  ['1500u', 2],
  ['1n', 1],
  ['0m', 0],
  ['99999999H', 99_999_999 * 3_600_000],
  ['60000.9999m', 60_001],
  ['123456789m', undefined],
  ['1', undefined],
  ['m', undefined],
  ['-1m', undefined],
  ['1.m', undefined],
  ['1 m', undefined],
  ['1ms', undefined],
  ['1x', undefined],
  ['1e3m', undefined],
  ['', undefined],
])('parseGrpcTimeout reads "%s" as %s ms', (value, expected) => {
  expect(parseGrpcTimeout(value)).toBe(expected);
});
