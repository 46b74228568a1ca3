import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BatchingOptions,
  type BatchingServable,
  type BatchingSessionTask,
  batchingServable,
  SharedBatchScheduler,
} from '@serving/core/batching';
import { observeServing } from '@serving/core/diagnostics';
import { type NamedTensors, StringArray, type Tensor } from '@serving/core/tensor';
import type { SavedModelRuntime } from '@serving/engine';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, fixturePath, referenceCases } from '../../test-doubles/src/saved-model-fixtures.js';
import { SavedModelLoader } from './saved-model-loader.js';

let runtime: SavedModelRuntime;

beforeAll(async () => {
  runtime = tensorflowRuntime();
});

afterAll(() => runtime.close?.());

/** Loads a fixture, batches it, and unloads it when `work` is done. */
async function withBatching(
  name: string,
  options: BatchingOptions,
  work: (batched: BatchingServable, batches: { size: number; padding: number }[]) => Promise<void>,
): Promise<void> {
  const id = { name, version: 1 };
  const loader = new SavedModelLoader(fixturePath(name, 1), { runtime: async () => runtime, tags: ['serve'] });
  await loader.load({ id, signal: new AbortController().signal });
  const batches: { size: number; padding: number }[] = [];
  const stop = observeServing({ onBatchingRun: ({ size, padding }) => batches.push({ size, padding }) });
  const scheduler = new SharedBatchScheduler<BatchingSessionTask>(options);
  const batched = batchingServable(loader.getServable(), scheduler, { id });
  await work(batched, batches);
  stop();
  await batched.close();
  await loader.unload();
}

/** Row `index` of 784 floats between 0 and 1. */
function image(index: number, rows = 1): NamedTensors {
  const data = new Float32Array(784 * rows);
  for (let i = 0; i < data.length; i++) data[i] = ((i * 31 + index * 17) % 97) / 97;
  return Object.assign(Object.create(null), { x: { dtype: 'float', shape: [rows, 784], data } });
}

function picture(bytes: Uint8Array): NamedTensors {
  const data = StringArray.from([bytes]);
  return Object.assign(Object.create(null), { image_bytes: { dtype: 'string', shape: [1], data } });
}

/** The largest difference of any value: batches of different sizes are computed in different orders. */
function distance(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape);
  const other = b.data as Float32Array;
  return Math.max(...Array.from(a.data as Float32Array, (value, i) => Math.abs(value - other[i]!)));
}

describe('batchingServable on TensorFlow', () => {
  it('answers each request of a batch as if it had been alone', async () => {
    await withBatching('mlp', { maxBatchSize: 16, maxEnqueuedBatches: 100 }, async (batched, batches) => {
      const signature = batched.signatures.get('serving_default')!;
      const requests = Array.from({ length: 50 }, (_, i) => image(i, 1 + (i % 3)));
      const together = await Promise.all(requests.map((inputs) => batched.run(signature, inputs)));
      for (const [i, inputs] of requests.entries()) {
        const alone = await batched.wrapped.run(signature, inputs);
        for (const name of Object.keys(alone)) expect(distance(together[i]![name]!, alone[name]!)).toBeLessThan(1e-5);
      }
      expect(batches.length).toBeLessThan(requests.length / 2);
      for (const { size } of batches) expect(size).toBeLessThanOrEqual(16);
    });
  });

  it('cuts what is larger than a batch, and pads what is smaller', async () => {
    const options = { maxBatchSize: 8, allowedBatchSizes: [2, 8] };
    await withBatching('mlp', options, async (batched, batches) => {
      const signature = batched.signatures.get('serving_default')!;
      const inputs = image(1, 19);
      const together = await batched.run(signature, inputs);
      const alone = await batched.wrapped.run(signature, inputs);
      for (const name of Object.keys(alone)) expect(distance(together[name]!, alone[name]!)).toBeLessThan(1e-5);
      expect(batches).toEqual([
        { size: 8, padding: 0 },
        { size: 8, padding: 0 },
        { size: 3, padding: 5 },
      ]);
    });
  });

  it('fails only the requests whose pictures can not be decoded, each with the words of its own run', async () => {
    await withBatching('digit_pictures', { maxBatchSize: 16, maxEnqueuedBatches: 100 }, async (batched, batches) => {
      const signature = batched.signatures.get('serving_default')!;
      const good = await readFile(join(fixturePath('digit_pictures'), 'pictures', '0.png'));
      const bad = (size: number): Uint8Array => Uint8Array.from([...good.subarray(0, size)]);
      const sizes = new Map([
        [3, 20],
        [17, 40],
        [18, 60],
      ]);
      const answers = await Promise.allSettled(
        Array.from({ length: 32 }, (_, i) => batched.run(signature, picture(sizes.has(i) ? bad(sizes.get(i)!) : good))),
      );
      const alone = await batched.wrapped.run(signature, picture(good));
      for (const [i, answered] of answers.entries()) {
        const size = sizes.get(i);
        if (size === undefined) {
          const { label } = answered.status === 'fulfilled' ? answered.value : {};
          expect(label?.data).toEqual(alone.label!.data);
        } else {
          // An inline run throws, a threaded one rejects.
          const run = async (): Promise<unknown> => batched.wrapped.run(signature, picture(bad(size)));
          const error = await run().catch((reason: unknown) => reason);
          expect(answered).toEqual({ status: 'rejected', reason: error });
        }
      }
      expect(batches.filter(({ size }) => size > 1).length).toBeGreaterThan(0);
    });
  });

  const models = ['strings', 'echo', 'dtypes', 'digits', 'classify_regress'];
  const ways: Readonly<Record<string, BatchingOptions>> = {
    'in large batches': { maxEnqueuedBatches: 1000 },
    'in single rows': { maxBatchSize: 1, maxEnqueuedBatches: 1000 },
    'with rows of padding': { maxBatchSize: 7, allowedBatchSizes: [5, 7], maxEnqueuedBatches: 1000 },
  };

  it.each(Object.keys(ways).flatMap((way) => models.map((name) => [name, way] as const)))(
    "answers like TensorFlow's own %s when all its cases come at once, twice, %s",
    async (name, way) => {
      await withBatching(name, ways[way]!, async (batched) => {
        const cases = referenceCases(name).filter(
          ({ version, inputs }) => version === 1 && Object.values(inputs).every(({ shape }) => shape.length > 0),
        );
        expect(cases).not.toEqual([]);
        const runs = [...cases, ...cases].map(async ({ signature, inputs, outputs }, i) => {
          const tensors: NamedTensors = Object.create(null);
          const { defaults } = batched.signatures.get(signature)!;
          for (const [alias, value] of defaults) tensors[alias] = value;
          for (const alias of Object.keys(inputs)) tensors[alias] = inputs[alias]!;
          try {
            const found = await batched.run(batched.signatures.get(signature)!, tensors);
            return differences(found, outputs).map((line) => `case ${i}, ${signature}: ${line}`);
          } catch (error) {
            return [`case ${i}, ${signature}: ${(error as Error).message}`];
          }
        });
        expect((await Promise.all(runs)).flat()).toEqual([]);
      });
    },
  );

  it("gives a run's error to the requests of that batch, and serves on", async () => {
    await withBatching('mlp', {}, async (batched) => {
      const signature = batched.signatures.get('serving_default')!;
      const wrong: NamedTensors = Object.assign(Object.create(null), {
        x: { dtype: 'float', shape: [1, 3], data: new Float32Array(3) },
      });
      const runs = [batched.run(signature, wrong), batched.run(signature, image(1)), batched.run(signature, wrong)];
      const results = await Promise.allSettled(runs);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected']);
      expect(results[0]).toMatchObject({ reason: { code: 'INVALID_ARGUMENT' } });
    });
  });
});
