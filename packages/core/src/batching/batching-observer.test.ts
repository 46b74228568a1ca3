import { describe, expect, it } from 'vitest';
import { World } from './batching-world.test-support.js';
import { FakeServable } from './fake-servable.test-support.js';

describe('batchingServable and its observer', () => {
  it('tells of sizes, padding, waiting and rejections', async () => {
    const events: unknown[] = [];
    const tell =
      (name: string) =>
      ({ source, ...event }: { readonly source: unknown }): void => {
        expect(source).toEqual({
          servable: { name: 'm', version: 1 },
          signature: 'double',
          threadPoolName: 'batch_threads',
        });
        events.push([name, event]);
        throw new Error('dropped');
      };
    const observer = {
      onRequest: tell('request'),
      onDequeued: tell('dequeued'),
      onBatch: tell('batch'),
      onRejected: tell('rejected'),
    };
    const options = {
      maxBatchSize: 4,
      maxExecutionBatchSize: 4,
      allowedBatchSizes: [4],
      batchTimeoutMs: 3,
      maxEnqueuedBatches: 1,
      numBatchThreads: 1,
    };
    const world = new World(new FakeServable(), options, { observer });
    void world.run([1]);
    await world.clock.advance(1);
    void world.run([2, 3]);
    await world.clock.advance(2);
    const refusals = [world.run([1, 2, 3, 4, 5]), world.run([1], { signal: AbortSignal.abort() })];
    void world.run([1, 2, 3, 4]);
    refusals.push(world.run([1]), world.run([1], { deadline: 0 }));
    await Promise.allSettled(refusals);
    expect(events).toEqual([
      ['request', { size: 1, inputs: 1 }],
      ['request', { size: 2, inputs: 1 }],
      ['dequeued', { size: 1, queueMicros: 3000 }],
      ['dequeued', { size: 2, queueMicros: 2000 }],
      ['batch', { tasks: 2, size: 3, padding: 1, isRerun: false }],
      ['request', { size: 5, inputs: 1 }],
      ['rejected', { size: 5, reason: 'too_large' }],
      ['request', { size: 1, inputs: 1 }],
      ['rejected', { size: 1, reason: 'cancelled' }],
      ['request', { size: 4, inputs: 1 }],
      ['request', { size: 1, inputs: 1 }],
      ['rejected', { size: 1, reason: 'queue_full' }],
      ['request', { size: 1, inputs: 1 }],
      ['rejected', { size: 1, reason: 'expired' }],
    ]);
  });
});
