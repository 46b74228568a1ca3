import { describe, expect, it } from 'vitest';
import { PortionSize } from './portion-size.js';

/** What is reached after many requests, of which every `period`th is bad, or none. */
function after(requests: number, period: number, size: PortionSize = new PortionSize()): number {
  for (let i = 1; i <= requests; i++) {
    if (i % period === 0) size.onBad();
    else size.onGood(1);
  }
  return size.value;
}

describe('PortionSize', () => {
  it.each([
    ['none', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['one in 32', 32, 8],
    ['one in 16', 16, 4],
    ['one in eight', 8, 2],
    ['one in four', 4, 1],
    ['all', 1, 1],
  ])('when %s is bad', (_name, period, size) => {
    expect(after(2048, period)).toBe(size);
  });

  it('is not limited by a single bad request', () => {
    const size = new PortionSize();
    size.onBad();
    expect(size.value).toBe(Number.POSITIVE_INFINITY);
  });

  it('grows again when the flood is over', () => {
    const size = new PortionSize();
    const seen = [after(512, 1, size)];
    for (let round = 0; round < 6; round++) seen.push(after(128, Number.POSITIVE_INFINITY, size));
    expect(seen).toEqual([1, 1, 2, 8, 16, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it('forgets everything with as many good requests in one batch', () => {
    const size = new PortionSize();
    after(512, 1, size);
    size.onGood(128);
    expect(size.value).toBe(Number.POSITIVE_INFINITY);
  });
});
