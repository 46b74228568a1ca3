import { expect, it } from 'vitest';
import { summarizeLatencies } from './latency-summary.js';

it('has percentiles that were measured', () => {
  const durations = Array.from({ length: 1000 }, (_, i) => 1000 - i);
  expect(summarizeLatencies(durations)).toEqual({
    mean: 500.5,
    p50: 500,
    p90: 900,
    p95: 950,
    p99: 990,
    p999: 999,
    max: 1000,
  });
});

it.each([
  [[], { mean: 0, p50: 0, p999: 0, max: 0 }],
  [[7], { mean: 7, p50: 7, p999: 7, max: 7 }],
])('takes %j', (durations, expected) => {
  expect(summarizeLatencies(durations)).toMatchObject(expected);
});
