import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../manual-clock.test-support.js';
import { BasicBatchScheduler } from './basic-batch-scheduler.js';
import type { BatchTask } from './batch-task.js';

describe('BasicBatchScheduler', () => {
  it('is a scheduler with one queue', async () => {
    const clock = new ManualClock();
    const sizes: number[] = [];
    const scheduler = new BasicBatchScheduler<BatchTask>(
      {
        numBatchThreads: 1,
        maxBatchSize: 4,
        batchTimeoutMs: 2,
        splitTask: (_, parts) => parts.map((size) => ({ size })),
      },
      (batch, release) => {
        sizes.push(batch.size);
        release();
      },
      { clock },
    );
    const task = { size: 1 };
    scheduler.schedule({ size: 2 });
    scheduler.schedule(task);
    expect(scheduler).toMatchObject({ numEnqueuedTasks: 2, isIdle: false, schedulingCapacity: 37 });
    expect(scheduler.maxTaskSize).toBe(Number.POSITIVE_INFINITY);
    scheduler.remove(task);
    await clock.advance(2);
    expect(sizes).toEqual([2]);
    await scheduler.close();
    expect(() => scheduler.schedule({ size: 1 })).toThrow('closed');
  });
});
