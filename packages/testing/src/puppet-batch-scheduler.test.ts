import type { Batch } from '@serving/core/batching';
import { describe, expect, it } from 'vitest';
import { isSettled } from './manual-clock.js';
import { PuppetBatchScheduler } from './puppet-batch-scheduler.js';

const row = (size = 1) => ({ size });

function puppet(maxTaskSize?: number) {
  const batches: Batch<{ size: number }>[] = [];
  const releases: (() => void)[] = [];
  const scheduler = new PuppetBatchScheduler<{ size: number }>(
    (batch, release) => {
      batches.push(batch);
      releases.push(release);
    },
    maxTaskSize === undefined ? {} : { maxTaskSize },
  );
  return { scheduler, batches, release: () => releases.shift()?.() };
}

describe('PuppetBatchScheduler', () => {
  it('runs the given number of tasks, in the order of their arrival', () => {
    const { scheduler, batches, release } = puppet();
    const [a, b, c] = [row(1), row(2), row(3)];
    for (const task of [a, b, c]) scheduler.schedule(task);
    scheduler.processBatch(2);
    expect(batches).toEqual([{ tasks: [a, b], size: 3 }]);
    scheduler.processBatch();
    expect(batches[1]).toEqual({ tasks: [c], size: 3 });
    expect(scheduler.isIdle).toBe(false);
    release();
    release();
    expect(scheduler.isIdle).toBe(true);
  });

  it('does not run what was taken out, nor what is not there', () => {
    const { scheduler, batches } = puppet();
    const task = row();
    scheduler.schedule(task);
    expect([scheduler.remove(task), scheduler.remove(task)]).toEqual([true, false]);
    expect(() => scheduler.processBatch()).toThrow('0 tasks wait, not 1');
    expect(batches).toEqual([]);
  });

  it('refuses tasks that are too large', () => {
    expect(() => puppet(2).scheduler.schedule(row(3))).toThrow('larger than 2');
  });

  it('runs what waits when it is closed, and is closed when that is over', async () => {
    const { scheduler, release } = puppet();
    scheduler.schedule(row());
    const closed = scheduler.close();
    expect(() => scheduler.schedule(row())).toThrow('closed');
    expect(await isSettled(closed)).toBe(false);
    release();
    await closed;
  });
});
