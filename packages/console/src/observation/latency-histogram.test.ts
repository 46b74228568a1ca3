import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.js';

describe('LatencyHistogram', () => {
  it('has no percentiles before a duration was recorded, and after it was cleared', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.percentiles()).toBeUndefined();
    histogram.record(1);
    histogram.clear();
    expect(histogram.percentiles()).toBeUndefined();
  });

  it('is off by less than a tenth, for durations from microseconds to minutes', () => {
    const durations = fc.array(fc.double({ min: 0.002, max: 600_000, noNaN: true }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(durations, (values) => {
        const histogram = new LatencyHistogram();
        for (const value of values) histogram.record(value);
        const sorted = [...values].sort((a, b) => a - b);
        const { p50, p95, p99 } = histogram.percentiles()!;
        for (const [share, shown] of [
          [0.5, p50],
          [0.95, p95],
          [0.99, p99],
        ] as const) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
          expect(Math.abs(shown - exact) / exact).toBeLessThan(0.1);
        }
      }),
    );
  });

  it('takes durations of nothing, and adds others', () => {
    const histogram = new LatencyHistogram();
    histogram.record(0);
    const other = new LatencyHistogram();
    for (let i = 0; i < 99; i++) other.record(8);
    histogram.add(other);
    expect(histogram.percentiles()).toMatchObject({ p50: expect.closeTo(8, -0.1), p99: expect.closeTo(8, -0.1) });
  });
});
