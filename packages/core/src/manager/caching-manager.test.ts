import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeLoader, type FakeServable } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, ManualClock, settle } from '../../../testing/src/manual-clock.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { ServingError } from '../serving-error.js';
import { CachingManager } from './caching-manager.js';
import { pathPrefixLoaderFactory } from './loader-factory.js';

/** The version that a name without one means. */
const LATEST = 7;

function makeManager({
  ramBytes = Number.POSITIVE_INFINITY,
  prepare = (() => {}) as (loader: FakeLoader) => void | Promise<void>,
} = {}) {
  const events: string[] = [];
  const loaders: FakeLoader[] = [];
  const manager = new CachingManager({
    loaderFactory: {
      createLoader: async (id) => {
        const loader = new FakeLoader(id);
        loaders.push(loader);
        await prepare(loader);
        return loader;
      },
      getServableVersion: () => LATEST,
    },
    publish: ({ id, managerState }) => events.push(`${id.name} ${managerState}`),
    resourceLimits: { ramBytes },
    clock: new ManualClock(),
    numLoadThreads: 2,
    numUnloadThreads: 2,
    maxNumLoadRetries: 0,
    loadRetryIntervalMs: 0,
  });
  const use = async (name: string): Promise<void> => (await manager.getServableHandle({ name })).release();
  const loaded = (): string[] => manager.listAvailableServableIds().map(({ name }) => name);
  return { manager, events, loaders, use, loaded };
}

describe('CachingManager', () => {
  it('loads a version when it is first asked for, and once however many ask', async () => {
    const gate = new Gate();
    const { manager, loaders } = makeManager({
      prepare: (loader) => {
        loader.onLoad = () => gate.opened;
      },
    });
    expect(manager.getServableHandleIfLoaded({ name: 'a' })).toBeUndefined();
    const asked = [1, 2, 3].map(() => manager.getServableHandle({ name: 'a' }));
    await settle();
    asked.push(manager.getServableHandle({ name: 'a', version: LATEST }));
    gate.open();
    for (const handle of await Promise.all(asked)) {
      expect(handle.id).toEqual({ name: 'a', version: LATEST });
      handle.release();
    }
    expect(loaders.map(({ loads }) => loads)).toEqual([1]);
    manager.getServableHandleIfLoaded({ name: 'a' })!.release();
  });

  it('unloads the least recently used version when there is too little room', async () => {
    const { use, loaded, events } = makeManager({ ramBytes: 2 });
    await use('a');
    await use('b');
    await use('a');
    await use('c');
    expect(loaded()).toEqual(['a', 'c']);
    expect(events.slice(-4)).toEqual(['b unloading', 'b end', 'c loading', 'c available']);
    await use('b');
    expect(loaded()).toEqual(['c', 'b']);
  });

  it('unloads as many as it takes, and no more', async () => {
    const { use, loaded } = makeManager({
      ramBytes: 4,
      prepare: (loader) => {
        loader.ramBytes = loader.id.name === 'large' ? 2 : 1;
      },
    });
    for (const name of ['a', 'b', 'c', 'd', 'large']) await use(name);
    expect(loaded()).toEqual(['c', 'd', 'large']);
  });

  it('keeps what is held, and takes the next', async () => {
    const { manager, use, loaded } = makeManager({ ramBytes: 2 });
    using held = await manager.getServableHandle({ name: 'a' });
    await use('b');
    await use('c');
    expect(loaded()).toEqual(['a', 'c']);
    expect((held.servable as FakeServable).isLoaded).toBe(true);
  });

  it('waits for a release when all is held, and loads what is asked for again meanwhile after that', async () => {
    const { manager, use, loaders } = makeManager({ ramBytes: 1 });
    const held = await manager.getServableHandle({ name: 'a' });
    const other = use('b');
    await settle();
    expect(await isSettled(other)).toBe(false);
    expect((held.servable as FakeServable).isLoaded).toBe(true);
    const again = use('a');
    held.release();
    await Promise.all([other, again]);
    expect(loaders.map(({ id, loads, unloads }) => [id.name, loads, unloads])).toEqual([
      ['a', 1, 1],
      ['b', 1, 1],
      ['a', 1, 0],
    ]);
  });

  it('fails what is larger than the budget and unloads nothing for it', async () => {
    const { use, loaded } = makeManager({
      ramBytes: 2,
      prepare: (loader) => {
        if (loader.id.name === 'huge') loader.ramBytes = 3;
      },
    });
    await use('a');
    await expect(use('huge')).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    expect(loaded()).toEqual(['a']);
  });

  it('gives a failure to all who wait and tries again for the next', async () => {
    let isBroken = true;
    const { manager, use, loaded } = makeManager({
      prepare: (loader) => {
        if (isBroken) loader.onLoad = () => Promise.reject(new ServingError('DATA_LOSS', 'cut short'));
      },
    });
    const asked = [1, 2].map(() => manager.getServableHandle({ name: 'a' }).catch((error: unknown) => error));
    for (const error of await Promise.all(asked)) expect(error).toMatchObject({ code: 'DATA_LOSS' });
    isBroken = false;
    await use('a');
    expect(loaded()).toEqual(['a']);
  });

  it('fails with what the factory throws', async () => {
    const { use } = makeManager({ prepare: () => Promise.reject(new ServingError('NOT_FOUND', 'no such model')) });
    await expect(use('a')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'no such model' });
    await expect(use('a')).rejects.toThrow('no such model');
  });

  it('ends the wait of one without ending that of others', async () => {
    const gate = new Gate();
    const { manager } = makeManager({
      prepare: (loader) => {
        loader.onLoad = () => gate.opened;
      },
    });
    const controller = new AbortController();
    const first = manager.getServableHandle({ name: 'a' }, { signal: controller.signal });
    const second = manager.getServableHandle({ name: 'a' });
    await settle();
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(manager.getServableHandle({ name: 'a' }, { signal: controller.signal })).rejects.toThrow('cancelled');
    gate.open();
    (await second).release();
  });

  it('closes: waits for handles, fails those who wait, and undoes loads', async () => {
    const gate = new Gate();
    const { manager, loaders, use } = makeManager({
      prepare: (loader) => {
        if (loader.id.name === 'slow') loader.onLoad = () => gate.opened;
      },
    });
    const held = await manager.getServableHandle({ name: 'a' });
    const slow = use('slow').catch((error: unknown) => error);
    await settle();
    const closed = manager.close();
    expect(await slow).toMatchObject({ code: 'UNAVAILABLE', message: 'The caching manager is closed' });
    await expect(use('b')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    held.release();
    expect(await isSettled(closed)).toBe(false);
    gate.open();
    await closed;
    expect(loaders.map(({ isLoaded }) => isLoaded)).toEqual([false, false]);
  });

  it('keeps its promises whatever is asked for, held, slow and broken', async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ ask: fc.constantFrom('a', 'b', 'c', 'd') }) },
      { weight: 3, arbitrary: fc.record({ release: fc.nat(5) }) },
      { weight: 2, arbitrary: fc.constant('let happen' as const) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40, size: 'max' }),
        fc.integer({ min: 2, max: 4 }),
        async (steps, ramBytes) => {
          const held: ServableHandle[] = [];
          const violations: string[] = [];
          const { manager, loaders, events } = makeManager({
            ramBytes,
            prepare: (loader) => {
              loader.ramBytes = loader.id.name === 'b' ? 2 : 1;
              loader.onLoad = async (): Promise<void> => {
                const ofOneName = loaders.filter(({ id, isLoaded }) => id.name === loader.id.name && isLoaded);
                if (ofOneName.length > 0) violations.push(`${loader.id.name} is loaded twice`);
                if (loader.id.name === 'c') await settle();
                if (loader.id.name === 'd' && loaders.length % 2 === 0) throw new Error('broken');
              };
            },
          });
          const check = (): void => {
            const used = loaders.reduce((sum, { isLoaded, ramBytes: bytes }) => sum + (isLoaded ? bytes : 0), 0);
            if (used > ramBytes) violations.push(`${used} bytes are loaded`);
            for (const { servable, id } of held) {
              if (!(servable as FakeServable).isLoaded) violations.push(`${id.name} was unloaded under a handle`);
            }
            expect(violations).toEqual([]);
          };
          const asked: Promise<unknown>[] = [];
          for (const each of steps) {
            if (each === 'let happen') await settle();
            else if ('release' in each) held.splice(each.release, 1)[0]?.release();
            else {
              const got = manager.getServableHandle({ name: each.ask }).then(
                (handle) => held.push(handle),
                (error: unknown) => expect(error).toMatchObject({ message: expect.stringContaining('broken') }),
              );
              asked.push(got);
            }
            check();
          }
          while (!(await isSettled(Promise.all(asked)))) {
            for (const handle of held.splice(0)) handle.release();
            check();
          }
          await Promise.all(asked);
          for (const handle of held.splice(0)) handle.release();
          await manager.close();
          expect(loaders.filter(({ isLoaded }) => isLoaded)).toEqual([]);
          expect(events.filter((event) => event.endsWith('start'))).toHaveLength(
            events.filter((event) => event.endsWith('end')).length,
          );
          check();
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('pathPrefixLoaderFactory', () => {
  const factory = pathPrefixLoaderFactory('/models/', (path, id) => {
    const loader = new FakeLoader(id);
    expect(path).toBe('/models/m');
    return loader;
  });

  it('serves version 0 of each folder below its prefix', async () => {
    expect(factory.getServableVersion('m', 'latest')).toBe(0);
    expect((await factory.createLoader({ name: 'm', version: 0 })) instanceof FakeLoader).toBe(true);
  });

  it.each([
    [{ name: 'm', version: 1 }, 'FAILED_PRECONDITION'],
    [{ name: '..', version: 0 }, 'INVALID_ARGUMENT'],
    [{ name: '../secret', version: 0 }, 'INVALID_ARGUMENT'],
    [{ name: '', version: 0 }, 'INVALID_ARGUMENT'],
  ])('refuses %o', (id, code) => {
    expect(() => factory.createLoader(id)).toThrow(expect.objectContaining({ code }));
  });
});
