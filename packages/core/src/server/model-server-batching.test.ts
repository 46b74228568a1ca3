import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FakeServable, signature } from '../../../test-doubles/src/fake-platform.js';
import { observeServing } from '../diagnostics/observe-serving.js';
import { platformFromLoader } from '../loader/platform-from-loader.js';
import { simpleLoader } from '../loader/simple-loader.js';
import { bufferPoolOf } from '../memory/buffer-pool.js';
import type { InferenceServable, RunOptions } from '../servable/inference-servable.js';
import type { ServableId } from '../servable/servable-id.js';
import type { Signature } from '../servable/signature.js';
import { ServingError } from '../serving-error.js';
import { createTensor, type NamedTensors } from '../tensor/tensor.js';
import type { ModelConfig } from './config/model-config.js';
import { ModelServer, type ModelServerOptions } from './model-server.js';

/** Doubles; remembers how many rows each run had. */
class Doubler implements InferenceServable {
  readonly runs: number[] = [];
  isLoaded = true;
  readonly copiesInputs = true;
  readonly signatures: ReadonlyMap<string, Signature> = new Map([
    ['serving_default', signature('serving_default', { x: 'float' }, { y: 'float' })],
  ]);

  async run(_: Signature, { x }: NamedTensors, _options?: RunOptions): Promise<NamedTensors> {
    if (!this.isLoaded) throw new ServingError('INTERNAL', 'ran after its unload');
    this.runs.push(x!.shape[0]!);
    const outputs: NamedTensors = Object.create(null);
    outputs.y = createTensor(
      'float',
      x!.shape,
      (x!.data as Float32Array).map((value) => 2 * value),
    );
    return outputs;
  }
}

let root: string;
let servables: Doubler[];
let server: ModelServer | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'model-server-batching-'));
  for (const name of ['a', 'b']) await mkdir(join(root, name, '1'), { recursive: true });
  servables = [];
});
afterEach(async () => {
  await server?.close();
  await rm(root, { recursive: true, force: true });
});

async function start(options: Partial<ModelServerOptions>, ofModel: Partial<ModelConfig> = {}): Promise<ModelServer> {
  const tensorflow = platformFromLoader(() =>
    simpleLoader({
      load: async () => {
        const servable = new Doubler();
        servables.push(servable);
        return servable;
      },
      unload: async (servable: Doubler) => {
        servable.isLoaded = false;
      },
    }),
  );
  const models = [{ name: 'a', basePath: join(root, 'a'), ...ofModel }];
  server = await ModelServer.start({ models, platforms: { tensorflow }, pollIntervalMs: 'once', ...options });
  return server;
}

const ask = async (serving: ModelServer, ...xs: number[]): Promise<number[]> => {
  const { outputs } = await serving.predict({ model: 'a', inputs: { x: xs } });
  return Array.from(outputs.y!.data as Float32Array);
};

describe('ModelServer with batching', () => {
  it('runs requests together that come together, and gives each its own rows', async () => {
    const serving = await start({ batching: {} });
    expect(await Promise.all([ask(serving, 1), ask(serving, 2, 3), ask(serving, 4)])).toEqual([[2], [4, 6], [8]]);
    expect(servables[0]!.runs).toEqual([4]);
  });

  it.each([
    ['has none', {}, {}, [1, 1]],
    ['has none, but its model has', {}, { batching: {} }, [2]],
    ['has some, but its model has none', { batching: {} }, { batching: false }, [1, 1]],
    ['has some, and its model smaller batches', { batching: {} }, { batching: { maxBatchSize: 1 } }, [1, 1]],
  ] as const)('batches as the model says where the server %s', async (_, ofServer, ofModel, runs) => {
    const serving = await start(ofServer, ofModel);
    await Promise.all([ask(serving, 1), ask(serving, 2)]);
    expect(servables[0]!.runs).toEqual(runs);
  });

  it('publishes each batch', async () => {
    const batches: [ServableId, number][] = [];
    onTestFinished(observeServing({ onBatchingRun: ({ source, size }) => batches.push([source.servable, size]) }));
    const serving = await start({
      batching: {},
    });
    await Promise.all([ask(serving, 1), ask(serving, 2)]);
    expect(batches).toEqual([[{ name: 'a', version: 1 }, 2]]);
  });

  it('merges in memory of the pool that it has for its APIs, and gives it back', async () => {
    const serving = await start({ batching: { maxBatchSize: 20_000 }, maxKeptBytes: 1024 * 1024 });
    const xs = Array.from({ length: 5000 }, (_, i) => i);
    await Promise.all([ask(serving, ...xs), ask(serving, ...xs)]);
    const { maxKeptBytes, keptBytes } = bufferPoolOf(serving);
    expect([maxKeptBytes, keptBytes]).toEqual([1024 * 1024, 64 * 1024]);
  });

  it('answers what waits when the server closes', async () => {
    const serving = await start({ batching: { batchTimeoutMs: 1_000_000 } });
    const answer = ask(serving, 3);
    await serving.close({ timeoutMs: 60_000 });
    expect(await answer).toEqual([6]);
    expect(servables[0]!.isLoaded).toBe(false);
  });

  it('shows a servable without its batching to those who recognise it', async () => {
    const serving = await start({ batching: {} });
    const isDoubler = (servable: unknown): servable is Doubler => servable instanceof Doubler;
    const isFake = (servable: unknown): servable is FakeServable => servable instanceof FakeServable;
    using handle = serving.getServableHandle({ model: 'a' }, isDoubler);
    expect(handle.servable).toBe(servables[0]);
    expect(() => serving.getServableHandle({ model: 'a' }, isFake)).toThrow("Servable type doesn't match");
  });
});
