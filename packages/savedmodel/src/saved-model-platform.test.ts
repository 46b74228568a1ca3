import { ServingError } from '@serving/core';
import type { Loader, Platform } from '@serving/core/extend';
import type { ServableData } from '@serving/core/lifecycle';
import { describe, expect, it } from 'vitest';
import { fixturePath } from '../../test-doubles/src/saved-model-fixtures.js';
import { FakeRuntime } from './fake-runtime.test-support.js';
import type { SavedModelOptions } from './saved-model-options.js';
import { savedModelPlatform } from './saved-model-platform.js';

/** What the platform's adapter makes of two aspired versions, the second of which failed already. */
function adapt(platform: Platform, modelOptions?: SavedModelOptions): readonly ServableData<Loader>[] {
  let adapted: readonly ServableData<Loader>[] = [];
  const adapter = platform.createSourceAdapter({ modelOptions: (model) => (model === 'm' ? modelOptions : undefined) });
  adapter.setAspiredVersionsCallback((_, versions) => {
    adapted = versions;
  });
  adapter.getAspiredVersionsCallback()('m', [
    { id: { name: 'm', version: 1 }, data: fixturePath('half_plus_two', 123) },
    { id: { name: 'm', version: 2 }, error: new ServingError('UNKNOWN', 'no path') },
  ]);
  return adapted;
}

const load = async (platform: Platform, modelOptions?: SavedModelOptions): Promise<Loader> => {
  const { id, data } = adapt(platform, modelOptions)[0]!;
  await data!.load({ id, signal: new AbortController().signal });
  return data!;
};

describe('savedModelPlatform', () => {
  it('turns paths into loaders and passes errors on', async () => {
    const items = adapt(savedModelPlatform({ engine: new FakeRuntime() }));
    expect(items.map(({ id }) => id.version)).toEqual([1, 2]);
    expect(items[0]!.data).toHaveProperty('load');
    expect(items[1]!.error).toMatchObject({ message: 'no path' });
  });

  it('gives its options to every loader', async () => {
    const runtime = new FakeRuntime();
    const options: SavedModelOptions = {
      engine: runtime,
      tags: ['serve'],
      interOpThreads: 1,
      enableSignatureMethodNameCheck: true,
    };
    const platform = savedModelPlatform(options);
    // Before any load, so that the runtime's first session has them, whatever comes first.
    expect(runtime.configured).toEqual([{ interOpThreads: 1 }]);
    await load(platform);
    expect(runtime.loads[0]).toMatchObject({ tags: ['serve'], options: { interOpThreads: 1 } });
  });

  it("replaces its options by a model's, one by one", async () => {
    const [ofPlatform, ofModel] = [new FakeRuntime(), new FakeRuntime()];
    const platform = savedModelPlatform({ engine: ofPlatform, tags: ['serve'], intraOpThreads: 1, interOpThreads: 2 });
    await load(platform, { engine: ofModel, intraOpThreads: 3 });
    expect(ofPlatform.loads).toHaveLength(0);
    expect(ofModel.loads[0]).toMatchObject({ tags: ['serve'], options: { intraOpThreads: 3, interOpThreads: 2 } });
  });

  it('takes its own engine for a model that asks for it by name', async () => {
    const engine = Object.assign(new FakeRuntime(), { name: 'tensorflow' });
    await load(savedModelPlatform({ engine }), { engine: 'tensorflow' });
    expect(engine.loads).toHaveLength(1);
  });

  it.each(['onnx', 'auto'])('makes an engine for `onnx` options of a model where its own is %s', async (name) => {
    const engine = Object.assign(new FakeRuntime(), { name });
    const platform = savedModelPlatform({ engine });
    await (await load(platform, { engine: 'onnx', onnx: { weights: 'mapped' } })).unload();
    await (await load(platform, { onnx: { weights: 'mapped' } })).unload();
    expect(engine.loads).toHaveLength(0);
    await load(platform, { intraOpThreads: 2 });
    expect(engine.loads).toHaveLength(1);
    await platform.close?.();
  });

  it("refuses unknown options, its own and a model's", () => {
    expect(() => savedModelPlatform({ engin: 'tensorflow' } as object)).toThrow('did you mean "engine"?');
    expect(() => savedModelPlatform().checkModelOptions?.({ tag: [] })).toThrow('did you mean "tags"?');
  });

  it('leaves a runtime that it was given open', async () => {
    const runtime = new FakeRuntime();
    const platform = savedModelPlatform({ engine: runtime });
    await load(platform);
    await platform.close?.();
    expect(runtime.closed).toBe(0);
  });

  it('closes without a load', async () => {
    const platform = savedModelPlatform();
    platform.createSourceAdapter({ modelOptions: () => undefined });
    await expect(platform.close?.()).resolves.toBeUndefined();
  });
});
