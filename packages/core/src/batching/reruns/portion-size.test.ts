import { describe, expect, it } from 'vitest';
import { PortionSize } from './portion-size.js';

/** Of every `period` requests the last one fails. */
function after(requests: number, period: number): PortionSize {
  const size = new PortionSize();
  for (let i = 1; i <= requests; i++) {
    if (i % period === 0) size.onFailedAlone();
    else size.onSucceeded(1);
  }
  return size;
}

describe('PortionSize', () => {
  it.each([
    ['none', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['one in 1024', 1024, 38, 120_000],
    ['one in 128', 128, 20, 70],
    ['one in 32', 32, 8, 11],
    ['one in eight', 8, 2, 2],
    ['every other one', 2, 1, 1],
    ['all', 1, 1, 1],
  ])('when of the latest requests %s failed', (_, period, min, max) => {
    for (let requests = 1024; requests < 2048; requests++) {
      const { value } = after(requests, period);
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
    }
  });

  it('grows beyond large batches soon after the last failure', () => {
    const size = after(1024, 1);
    const seen = [0, 128, 128, 256].map((requests) => {
      size.onSucceeded(requests);
      return size.value;
    });
    expect(seen).toEqual([1, 1, 2, 16]);
    size.onSucceeded(512);
    expect(size.value).toBeGreaterThan(512);
  });

  it('counts requests that succeed together like others', () => {
    const [together, apart] = [after(64, 1), after(64, 1)];
    together.onSucceeded(300);
    for (let i = 0; i < 300; i++) apart.onSucceeded(1);
    expect(together.value).toBe(apart.value);
  });
});
