/** Polls of folders that have not changed since the poll before. */
import { describe, expect, it } from 'vitest';
import { FakeStorage } from '../../../testing/src/fake-storage.js';
import { ManualClock, settle } from '../../../testing/src/manual-clock.js';
import { FileSystemStoragePathSource } from './file-system-storage-path-source.js';
import type { Storage } from './storage.js';

class TaggedStorage extends FakeStorage implements Storage {
  tag: string | undefined = 'a';

  async listingTag(): Promise<string | undefined> {
    return this.tag;
  }
}

/** A source that polls a model with version 1 every second. */
async function watch(storage: TaggedStorage) {
  const clock = new ManualClock();
  const failed = new Set<string>();
  const emitted: (readonly unknown[])[] = [];
  const servable = { servableName: 'm', basePath: 'm', versionPolicy: { latest: { numVersions: 1 } } };
  const source = new FileSystemStoragePathSource({
    servables: [servable],
    storage,
    clock,
    pollIntervalMs: 1000,
    hasFailed: ({ name, version }) => failed.has(`${name} ${version}`),
  });
  source.setAspiredVersionsCallback((_, items) => emitted.push(items.map(({ id }) => id.version)));
  const poll = async (): Promise<void> => {
    await clock.advance(1000);
    await settle();
  };
  await settle();
  return { source, servable, failed, poll, emitted, listings: () => storage.listed.splice(0).length };
}

describe('a poll by the timer', () => {
  it('lists a folder again only when its tag has changed', async () => {
    const storage = new TaggedStorage().add('m', 1) as TaggedStorage;
    const { poll, emitted, listings } = await watch(storage);
    expect(listings()).toBe(1);
    await poll();
    await poll();
    expect(listings()).toBe(0);
    storage.add('m', 2).tag = 'b';
    await poll();
    expect(listings()).toBe(1);
    expect(emitted).toEqual([[1], [2]]);
  });

  it.each<[string, (world: Awaited<ReturnType<typeof watch>>, storage: TaggedStorage) => unknown]>([
    ['the tag is not known', (_, storage) => Object.assign(storage, { tag: undefined })],
    ['a version has failed', ({ failed }) => failed.add('m 1')],
    [
      'the settings of the model have changed',
      ({ source, servable }) => source.updateServables([{ ...servable, versionPolicy: { all: {} } }]),
    ],
  ])('lists the folder where %s', async (_, change) => {
    const storage = new TaggedStorage().add('m', 1) as TaggedStorage;
    const world = await watch(storage);
    change(world, storage);
    world.listings();
    await world.poll();
    expect(world.listings()).toBe(1);
    expect(world.emitted).toEqual([[1], [1]]);
  });

  it('lists a folder that had no versions', async () => {
    const { poll, listings } = await watch(new TaggedStorage().add('m') as TaggedStorage);
    listings();
    await poll();
    expect(listings()).toBe(1);
  });

  it('lists the folder when the tag cannot be read, and says why it cannot be listed', async () => {
    const storage = new TaggedStorage().add('m', 1) as TaggedStorage;
    const { poll, listings } = await watch(storage);
    listings();
    storage.listingTag = () => Promise.reject(new Error('no tag'));
    await poll();
    expect(listings()).toBe(1);
  });
});

describe('poll()', () => {
  it('always lists', async () => {
    const { source, listings, emitted } = await watch(new TaggedStorage().add('m', 1) as TaggedStorage);
    listings();
    await source.poll();
    expect(listings()).toBe(1);
    expect(emitted).toEqual([[1], [1]]);
  });
});
