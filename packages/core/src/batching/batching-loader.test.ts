import { describe, expect, it } from 'vitest';
import { FakeServable } from '../../../test-doubles/src/fake-platform.js';
import { simpleLoader } from '../loader/simple-loader.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import { createTensor } from '../tensor/tensor.js';
import { BatchingLoader } from './batching-loader.js';
import type { ModelBatchingOptions } from './batching-options.js';
import type { BatchingSessionTask } from './batching-session-task.js';
import { SharedBatchScheduler } from './scheduler/shared-batch-scheduler.js';

const context = { id: { name: 'm', version: 1 }, signal: new AbortController().signal };

function make(servable: unknown, batching: ModelBatchingOptions = {}) {
  const log: string[] = [];
  const scheduler = new SharedBatchScheduler<BatchingSessionTask>({});
  const inner = simpleLoader({ load: async () => servable, unload: async () => void log.push('unloaded') });
  return { log, loader: new BatchingLoader(inner, { scheduler, batching }) };
}

describe('BatchingLoader', () => {
  it('merges the requests to what it has loaded, and runs what waits before it is unloaded', async () => {
    const servable = new FakeServable(context.id);
    const sizes: number[] = [];
    const run = servable.run.bind(servable);
    servable.run = (asked, inputs, options) => {
      sizes.push(inputs.x!.shape[0]!);
      return run(asked, inputs, { ...options, outputs: ['y'] });
    };
    const { loader, log } = make(servable, { batchTimeoutMs: 1_000_000 });
    await loader.load(context);
    const batched = loader.getServable() as InferenceServable;
    const signature = batched.signatures.get('serving_default')!;
    const ask = (x: number) =>
      batched.run(signature, { x: createTensor('float', [1], Float32Array.of(x)) }, { outputs: ['y'] });
    const answers = Promise.all([ask(1), ask(2)]);
    const unloaded = loader.unload();
    expect((await answers).map(({ y }) => y!.data)).toEqual([Float32Array.of(2), Float32Array.of(3)]);
    await unloaded;
    expect([sizes, log]).toEqual([[2], ['unloaded']]);
  });

  it('hands through what is not for inference', async () => {
    const table = new Map([['a', 1]]);
    const { loader, log } = make(table);
    await loader.load(context);
    expect(loader.getServable()).toBe(table);
    await loader.unload();
    expect(log).toEqual(['unloaded']);
  });

  it('leaves nothing loaded when the options are wrong', async () => {
    const { loader, log } = make(new FakeServable(context.id), { maxBatchSize: 0 });
    await expect(loader.load(context)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(log).toEqual(['unloaded']);
  });
});
