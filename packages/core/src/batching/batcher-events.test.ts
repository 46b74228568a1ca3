import { describe, expect, it, onTestFinished } from 'vitest';
import { ManualServable } from '../../../test-doubles/src/manual-servable.js';
import { observeServing } from '../diagnostics/observe-serving.js';
import { World } from './batching-world.test-support.js';

describe('BatcherEvents', () => {
  it('publishes sizes, padding, waiting and rejections', async () => {
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
      };
    const observer = {
      onBatchingRequest: tell('request'),
      onBatchingQueue: tell('dequeued'),
      onBatchingRun: tell('batch'),
      onBatchingRejection: tell('rejected'),
    };
    const options = {
      maxBatchSize: 4,
      maxExecutionBatchSize: 4,
      allowedBatchSizes: [4],
      batchTimeoutMs: 3,
      maxEnqueuedBatches: 1,
      numBatchThreads: 1,
    };
    onTestFinished(observeServing(observer));
    const world = new World(new ManualServable(), options);
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
      ['dequeued', { size: 1, queueMs: 3 }],
      ['dequeued', { size: 2, queueMs: 2 }],
      ['batch', { tasks: 2, size: 3, padding: 1, isRerun: false, closeReason: 'timeout' }],
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
