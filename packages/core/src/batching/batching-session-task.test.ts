import { describe, expect, it } from 'vitest';
import { ManualServable } from '../../../test-doubles/src/manual-servable.js';
import { settle } from '../../../testing/src/manual-clock.js';
import { PLACE, runsOf, World, z } from './batching-world.test-support.js';

describe('batchingServable, deadlines and signals', () => {
  it('lets a request that expired leave the queue before the batch is closed', async () => {
    const world = new World(new ManualServable(), { batchTimeoutMs: 10 });
    const late = world.run([1], { deadline: 5 });
    const patient = world.run([2]);
    await world.clock.advance(5);
    await expect(late).rejects.toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message: `Run() timeout exceeded while waiting in batching queue ${PLACE}`,
    });
    await world.clock.advance(5);
    expect(runsOf(world)).toEqual([[2]]);
    await world.finish();
    expect(await z(patient)).toEqual([4]);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('lets a request leave whose caller is gone, which makes room', async () => {
    const options = { numBatchThreads: 1, maxBatchSize: 1, maxEnqueuedBatches: 1, enableLargeBatchSplitting: false };
    const world = new World(new ManualServable(), options);
    const caller = new AbortController();
    void world.run([1]);
    const left = world.run([2], { signal: caller.signal });
    caller.abort();
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
    const next = world.run([3]);
    await world.finish();
    expect(await z(next)).toEqual([6]);
    expect(world.servable.runCount).toBe(2);
  });

  it('takes every piece of a request out whose caller is gone', async () => {
    const world = new World(new ManualServable(), { numBatchThreads: 1, maxBatchSize: 2 });
    const caller = new AbortController();
    const left = world.run([1, 2, 3, 4, 5], { signal: caller.signal });
    caller.abort();
    await expect(left).rejects.toMatchObject({ code: 'CANCELLED' });
    world.servable.runs[0]!.succeed();
    await settle();
    expect(world.servable.runs).toHaveLength(0);
  });

  it('ends the wait for a batch that runs, and leaves the batch to the others', async () => {
    const world = new World(new ManualServable(), {});
    const caller = new AbortController();
    const runs = [world.run([1], { deadline: 5 }), world.run([2], { signal: caller.signal }), world.run([3])];
    await settle();
    expect(world.servable.runs[0]!.options).toEqual({ requests: 3 });
    caller.abort();
    await expect(runs[1]).rejects.toMatchObject({ code: 'CANCELLED' });
    await world.clock.advance(5);
    await expect(runs[0]).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await world.finish();
    expect(await z(runs[2]!)).toEqual([6]);
  });

  it('tells the run of the latest deadline where all have one, how many requests share it, and of the signal of a lone one', async () => {
    const world = new World(new ManualServable(), { numBatchThreads: 2 });
    void world.run([1], { deadline: 50 });
    void world.run([2], { deadline: 70 });
    const { signal } = new AbortController();
    void world.run([2], { signal, deadline: 60 }, 'other');
    await settle();
    expect(world.servable.runs.map(({ options }) => options)).toEqual([
      { deadline: 70, requests: 2 },
      { deadline: 60, signal },
    ]);
  });

  it('answers at once what comes too late or after the wait has ended', async () => {
    const world = new World(new ManualServable(), {});
    await world.clock.advance(10);
    await expect(world.run([1], { deadline: 10 })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await expect(world.run([1], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    const timedOut = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    await expect(world.run([1], { signal: timedOut })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(world.servable.runCount).toBe(0);
  });

  it('stops listening to a signal when it has an answer', async () => {
    const world = new World(new ManualServable(), {});
    const caller = new AbortController();
    const result = world.run([1], { signal: caller.signal });
    await world.finish();
    caller.abort();
    expect(await z(result)).toEqual([2]);
  });

  it('lets critical requests go before sheddable ones', async () => {
    const options = { numBatchThreads: 1, maxBatchSize: 1, enablePriorityQueue: true };
    const world = new World(new ManualServable(), options);
    void world.run([1]);
    void world.run([2], { criticality: 'sheddable' });
    void world.run([3]);
    world.servable.runs[0]!.succeed();
    await settle();
    expect(runsOf(world)).toEqual([[3]]);
  });
});
