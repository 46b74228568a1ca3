import { type Loader, type Platform, type ServableData, ServingError } from '@serving/core';
import { describe, expect, it } from 'vitest';
import { FakeRuntime } from './fake-runtime.test-support.js';
import { fixturePath } from './fixtures.test-support.js';
import { type SavedModelPlatformOptions, savedModelPlatform } from './saved-model-platform.js';

/** What the platform's adapter makes of two wishes, the second of which failed already. */
function adapt(platform: Platform): readonly ServableData<Loader>[] {
  let adapted: readonly ServableData<Loader>[] = [];
  const adapter = platform.createSourceAdapter();
  adapter.setAspiredVersionsCallback((_, versions) => {
    adapted = versions;
  });
  adapter.getAspiredVersionsCallback()('m', [
    { id: { name: 'm', version: 1 }, data: fixturePath('half_plus_two', 123) },
    { id: { name: 'm', version: 2 }, error: new ServingError('UNKNOWN', 'no path') },
  ]);
  return adapted;
}

const load = async (platform: Platform): Promise<Loader> => {
  const { id, data } = adapt(platform)[0]!;
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
    const options: SavedModelPlatformOptions = {
      engine: runtime,
      tags: ['serve'],
      session: { interOpParallelismThreads: 1 },
      enableSignatureMethodNameCheck: true,
    };
    const platform = savedModelPlatform(options);
    // Before any load, so that the runtime's first session has them, whatever comes first.
    expect(runtime.configured).toEqual([{ interOpParallelismThreads: 1 }]);
    await load(platform);
    expect(runtime.loads[0]).toMatchObject({ tags: ['serve'], options: { interOpParallelismThreads: 1 } });
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
    platform.createSourceAdapter();
    await expect(platform.close?.()).resolves.toBeUndefined();
  });
});
