import { describe, expect, it } from 'vitest';
import { closeReason, closingTime, READY } from './batch-lane.js';

describe('closingTime', () => {
  const limits = { maxExecutionBatchSize: 4, batchTimeoutMs: 10 };
  const adaptive = { maxExecutionBatchSize: 4, batchTimeoutMs: 0 };

  it.each([
    ['an open batch with room waits for its timeout', { size: 3, isOpen: true }, limits, false, 105 + 10],
    ['a full batch is ready', { size: 4, isOpen: true }, limits, false, READY],
    ['a batch fuller than full is ready', { size: 5, isOpen: true }, limits, false, READY],
    ['a closed batch is ready, full or not', { size: 1, isOpen: false }, limits, false, READY],
    ['a closing queue waits for nothing', { size: 1, isOpen: true }, limits, true, READY],
    ['a batch of tasks without rows waits for its timeout', { size: 0, isOpen: true }, limits, false, 105 + 10],
    ['without a timeout a batch may be taken from its beginning', { size: 1, isOpen: true }, adaptive, false, 105],
    ['without a timeout a full batch is ready', { size: 4, isOpen: true }, adaptive, false, READY],
    ['without a timeout tasks without rows may be taken', { size: 0, isOpen: true }, adaptive, false, 105],
  ])('%s', (_, batch, rule, isQueueClosing, expected) => {
    expect(closingTime({ ...batch, openedAt: 105 }, rule, isQueueClosing)).toBe(expected);
  });
});

describe('closeReason', () => {
  it.each([
    ['full', { size: 4, isOpen: true }, 10, false],
    ['full', { size: 5, isOpen: false }, 0, true],
    ['no_room', { size: 3, isOpen: false }, 10, false],
    ['closing', { size: 3, isOpen: true }, 10, true],
    ['timeout', { size: 3, isOpen: true }, 10, false],
    ['slot_free', { size: 3, isOpen: true }, 0, false],
  ])('is %s for %o with a timeout of %s ms (closing queue: %s)', (expected, batch, batchTimeoutMs, isQueueClosing) => {
    const limits = { maxExecutionBatchSize: 4, batchTimeoutMs };
    expect(closeReason({ ...batch, openedAt: 105 }, limits, isQueueClosing)).toBe(expected);
  });
});
