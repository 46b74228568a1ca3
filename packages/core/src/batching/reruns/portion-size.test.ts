import { describe, expect, it } from 'vitest';
import { PortionSize } from './portion-size.js';

describe('PortionSize', () => {
  it.each<[string, (size: PortionSize) => void, number]>([
    ['nothing has failed', (size) => size.onSucceeded(64), Number.POSITIVE_INFINITY],
    ['64 requests failed', (size) => size.onFailed(64), 32],
    ['five failed', (size) => size.onFailed(5), 2],
    ['one of two failed', (size) => size.onFailed(2), 1],
  ])('when %s', (_, happen, expected) => {
    const size = new PortionSize();
    happen(size);
    expect(size.value).toBe(expected);
  });

  it('halves with each failure, and doubles when full portions succeed one after the other', () => {
    const size = new PortionSize();
    const seen: number[] = [];
    for (const [requests, succeeded] of [
      [64, false],
      [32, false],
      [16, true],
      [15, true],
      [16, true],
      [32, true],
      [32, false],
      [16, true],
      [16, false],
    ] as const) {
      if (succeeded) size.onSucceeded(requests);
      else size.onFailed(requests);
      seen.push(size.value);
    }
    expect(seen).toEqual([32, 16, 16, 16, 32, 32, 16, 16, 8]);
  });

  it('stays at single requests while they fail, and grows after two in a row that succeed', () => {
    const size = new PortionSize();
    size.onFailed(1);
    expect(size.value).toBe(Number.POSITIVE_INFINITY);
    size.onFailed(2);
    const seen: number[] = [];
    for (const succeeded of [false, true, false, true, true]) {
      if (succeeded) size.onSucceeded(1);
      else size.onFailed(1);
      seen.push(size.value);
    }
    expect(seen).toEqual([1, 1, 1, 1, 2]);
  });

  it('is forgotten when it has grown beyond every batch', () => {
    const size = new PortionSize();
    size.onFailed(1024);
    for (let i = 0; i < 4; i++) size.onSucceeded(1024);
    expect(size.value).toBe(Number.POSITIVE_INFINITY);
  });
});
