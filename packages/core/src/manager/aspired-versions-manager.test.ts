import { describe, expect, it } from 'vitest';
import { FakeLoader } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, ManualClock, settle } from '../../../testing/src/manual-clock.js';
import type { Loader } from '../loader/loader.js';
import { compareVersions, type Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { AspiredVersionPolicy } from './aspired-version-policy.js';
import { AspiredVersionsManager, type AspiredVersionsManagerOptions } from './aspired-versions-manager.js';
import { availabilityPreservingPolicy } from './availability-preserving-policy.js';
import { resourcePreservingPolicy } from './resource-preserving-policy.js';

function makeManager(
  aspiredVersionPolicy: AspiredVersionPolicy = availabilityPreservingPolicy,
  options: Partial<AspiredVersionsManagerOptions> = {},
) {
  const clock = new ManualClock();
  const events: string[] = [];
  const errors: string[] = [];
  const manager = new AspiredVersionsManager({
    clock,
    aspiredVersionPolicy,
    publish: ({ id, managerState, error }) =>
      events.push(`${id.version} ${managerState}${error ? ` ${error.code}` : ''}`),
    onError: (error) => errors.push(error.message),
    numLoadThreads: 4,
    numUnloadThreads: 4,
    maxNumLoadRetries: 2,
    loadRetryIntervalMs: 1000,
    ...options,
  });
  const callback = manager.getAspiredVersionsCallback();
  const loaders: FakeLoader[] = [];
  const aspire = async (versions: number[], prepare: (loader: FakeLoader) => void = () => {}): Promise<void> => {
    callback(
      'm',
      versions.map((version) => {
        const loader = new FakeLoader({ name: 'm', version });
        prepare(loader);
        loaders.push(loader);
        return { id: loader.id, data: loader as Loader };
      }),
    );
    await settle();
  };
  const available = (): Version[] => manager.listAvailableServableIds().map(({ version }) => version);
  const take = (): string[] => events.splice(0);
  return { clock, events, errors, manager, callback, loaders, aspire, available, take };
}

describe('AspiredVersionsManager', () => {
  it('loads aspired versions', async () => {
    const { aspire, available, take } = makeManager();
    await aspire([2, 1]);
    expect(available().sort()).toEqual([1, 2]);
    expect(take().slice(0, 2)).toEqual(['2 start', '1 start']);
  });

  it('loads the new version before it unloads the old one', async () => {
    const { aspire, take } = makeManager();
    await aspire([1]);
    take();
    await aspire([2]);
    expect(take()).toEqual(['2 start', '2 loading', '2 available', '1 unloading', '1 end']);
  });

  it('ends old versions as their handles are released, the later one first if its handle is', async () => {
    const { manager, aspire, take } = makeManager();
    await aspire([1]);
    const first = manager.getServableHandle({ name: 'm' });
    await aspire([2]);
    const second = manager.getServableHandle({ name: 'm' });
    await aspire([3]);
    take();
    second.release();
    await settle();
    expect(take()).toEqual(['2 end']);
    first.release();
    await settle();
    expect(take()).toEqual(['1 end']);
  });

  it('unloads the old version before it loads the new one, with the policy that preserves resources', async () => {
    const { aspire, take } = makeManager(resourcePreservingPolicy);
    await aspire([1]);
    take();
    await aspire([2]);
    expect(take()).toEqual(['2 start', '1 unloading', '1 end', '2 loading', '2 available']);
  });

  it('does not wait for a version that is wanted no more before its load has begun', async () => {
    const made = makeManager(resourcePreservingPolicy, {
      publish: ({ id, managerState }) => {
        if (id.version === 1 && managerState === 'end') void made.aspire([2]);
      },
    });
    await made.aspire([1]);
    const handle = made.manager.getServableHandle({ name: 'm' });
    await made.aspire([2, 3]);
    handle.release();
    await settle();
    expect(made.available()).toEqual([2]);
  });

  it('goes back to a smaller version number', async () => {
    const { aspire, available } = makeManager();
    await aspire([2]);
    await aspire([1]);
    expect(available()).toEqual([1]);
  });

  it('keeps a version that is aspired again as it is, and discards the new loader', async () => {
    const { aspire, loaders, take } = makeManager();
    await aspire([1]);
    take();
    await aspire([1]);
    expect(take()).toEqual([]);
    expect(loaders.map(({ loads }) => loads)).toEqual([1, 0]);
  });

  it('unloads a stream without aspired versions and forgets it', async () => {
    const { aspire, available, take } = makeManager();
    await aspire([1, 2]);
    take();
    await aspire([]);
    expect(available()).toEqual([]);
    expect(take()).toEqual(['1 unloading', '2 unloading', '1 end', '2 end']);
    await aspire([1]);
    expect(available()).toEqual([1]);
  });

  it('replaces aspired versions that are still pending', async () => {
    const { callback, events } = makeManager();
    const loader = new FakeLoader({ name: 'm', version: 1 });
    callback('m', [{ id: loader.id, data: loader }]);
    callback('m', []);
    await settle();
    expect(events).toEqual([]);
  });

  it('unloads and reloads a version that is aspired again while it unloads', async () => {
    const { aspire, available, loaders, manager, take } = makeManager();
    await aspire([1]);
    const handle = manager.getServableHandle({ name: 'm' });
    await aspire([]);
    await aspire([1]);
    take();
    expect(available()).toEqual([]);
    handle.release();
    await settle();
    expect(take()).toEqual(['1 end', '1 start', '1 loading', '1 available']);
    expect(loaders.map(({ loads, unloads }) => [loads, unloads])).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  it('keeps the old version while the new one fails, and keeps serving it when it is aspired again', async () => {
    const { aspire, available, clock, loaders, take } = makeManager();
    await aspire([1]);
    await aspire([2], (loader) => {
      loader.onLoad = () => Promise.reject(new Error('broken'));
    });
    await clock.advance(10_000);
    expect(take().slice(3)).toEqual([
      '2 start',
      '2 loading',
      ...new Array(2).fill('2 loading UNKNOWN'),
      '2 end UNKNOWN',
    ]);
    expect(available()).toEqual([1]);
    await aspire([1]);
    expect(take()).toEqual([]);
    await aspire([1, 3]);
    expect(available().sort()).toEqual([1, 3]);
    expect(loaders[0]).toMatchObject({ loads: 1, unloads: 0 });
  });

  it('keeps a version that is aspired again while its successor loads, and cancels that load', async () => {
    const { aspire, available, loaders, take } = makeManager();
    await aspire([1]);
    const gate = new Gate();
    await aspire([2], (loader) => {
      loader.onLoad = () => gate.opened;
    });
    take();
    await aspire([1, 3]);
    expect(available()).toEqual([1, 3]);
    gate.open();
    await settle();
    expect(take()).toEqual(['3 start', '3 loading', '3 available', '2 end CANCELLED']);
    expect(loaders[0]).toMatchObject({ loads: 1, unloads: 0 });
  });

  it('does not wait for memory that only newer aspired versions would free', async () => {
    const { aspire, available, take } = makeManager(availabilityPreservingPolicy, {
      resourceLimits: { ramBytes: 1 },
      insufficientResources: 'wait',
    });
    await aspire([1]);
    await aspire([2]);
    expect(take().at(-1)).toBe('2 loading RESOURCE_EXHAUSTED');
    await aspire([1]);
    expect(take()).toEqual(['2 end CANCELLED']);
    await aspire([]);
    await aspire([2]);
    expect(available()).toEqual([2]);
  });

  it('does not retry a failed version until it was no longer aspired', async () => {
    const { aspire, available, clock, take } = makeManager();
    const fail = (loader: FakeLoader): void => {
      loader.onLoad = () => Promise.reject(new Error('broken'));
    };
    await aspire([1], fail);
    await clock.advance(10_000);
    take();
    await aspire([1]);
    expect(take()).toEqual([]);
    await aspire([]);
    await aspire([1]);
    expect(available()).toEqual([1]);
  });

  describe('a failed version that is aspired with a revision', () => {
    const aspireRevision = async (
      { callback, loaders }: ReturnType<typeof makeManager>,
      revision: string,
      isBroken: boolean,
    ): Promise<void> => {
      const loader = new FakeLoader({ name: 'm', version: 1 });
      loader.onLoad = () => (isBroken ? Promise.reject(new Error('broken')) : undefined);
      loaders.push(loader);
      callback('m', [{ id: loader.id, data: loader, revision }]);
      await settle();
    };

    it('is reloaded when its revision differs', async () => {
      const made = makeManager();
      await aspireRevision(made, 'half', true);
      await made.clock.advance(10_000);
      expect(made.manager.hasFailed({ name: 'm', version: 1 })).toBe(true);
      made.take();
      await aspireRevision(made, 'half', false);
      expect(made.take()).toEqual([]);
      await aspireRevision(made, 'whole', false);
      expect(made.take()).toEqual(['1 start', '1 loading', '1 available']);
      expect(made.manager.hasFailed({ name: 'm', version: 1 })).toBe(false);
      await aspireRevision(made, 'later', false);
      expect(made.take()).toEqual([]);
    });

    it('is retried at once, by the loader that it has', async () => {
      const made = makeManager();
      await aspireRevision(made, 'half', true);
      made.loaders[0]!.onLoad = () => {};
      expect(made.manager.hasFailed({ name: 'm', version: 1 })).toBe(true);
      await aspireRevision(made, 'whole', false);
      expect(made.available()).toEqual([1]);
      expect(made.loaders.map(({ loads }) => loads)).toEqual([2, 0]);
    });
  });

  it('retries a failed version each time that it is aspired, if enabled', async () => {
    const { aspire, available, clock } = makeManager(availabilityPreservingPolicy, {
      enableReloadServablesWithError: true,
    });
    await aspire([1], (loader) => {
      loader.onLoad = () => Promise.reject(new Error('broken'));
    });
    await clock.advance(10_000);
    await aspire([1]);
    expect(available()).toEqual([1]);
  });

  it('performs actions one by one in an order of choice', async () => {
    const { aspire, take } = makeManager(availabilityPreservingPolicy, {
      compareActions: (a, b) => compareVersions(a.id.version, b.id.version),
      numLoadThreads: 1,
    });
    await aspire([1]);
    take();
    await aspire([2, 3]);
    expect(take().filter((event) => event.endsWith('ing'))).toEqual(['3 loading', '2 loading', '1 unloading']);
  });

  it('ends the retries of a version that is wanted no more', async () => {
    const { aspire, clock, loaders, take } = makeManager();
    await aspire([1], (loader) => {
      loader.onLoad = () => Promise.reject(new Error('broken'));
    });
    await aspire([]);
    expect(take()).toEqual(['1 start', '1 loading', '1 loading UNKNOWN', '1 end UNKNOWN']);
    await clock.advance(10_000);
    expect(loaders[0]?.loads).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  it('cancels a load that is no longer needed', async () => {
    const { aspire, available, loaders, take } = makeManager();
    const gate = new Gate();
    await aspire([1], (loader) => {
      loader.onLoad = () => gate.opened;
    });
    await aspire([]);
    gate.open();
    await settle();
    expect(available()).toEqual([]);
    expect(take()).toEqual(['1 start', '1 loading', '1 end CANCELLED']);
    expect(loaders[0]).toMatchObject({ loads: 1, unloads: 1 });
  });

  it('rejects aspired versions of another stream', async () => {
    const { callback, errors, events } = makeManager();
    const loader = new FakeLoader({ name: 'other', version: 1 });
    callback('m', [{ id: loader.id, data: loader }]);
    await settle();
    expect(events).toEqual([]);
    expect(errors).toEqual(['Aspired versions of servable stream m rejected: they include {name: other version: 1}']);
  });

  it('refuses aspired versions that are not an int64, and takes a bigint for the number it is', async () => {
    const { callback, errors, available } = makeManager();
    const item = (version: Version) => {
      const loader = new FakeLoader({ name: 'm', version });
      return { id: loader.id, data: loader };
    };
    callback('m', [item(1), item(1.5)]);
    await settle();
    expect(errors).toEqual([
      'The aspired versions of servable stream m were refused: Servable m: expected a version, an int64 as a number, a bigint or digits (got 1.5)',
    ]);
    callback('m', [item(1n), item(2n ** 62n)]);
    callback('m', [item(1), item(2n ** 62n)]);
    await settle();
    expect(available().sort(compareVersions)).toEqual([1, 2n ** 62n]);
  });

  it('takes the first of two items for one version', async () => {
    const { aspire, loaders } = makeManager();
    await aspire([1, 1]);
    expect(loaders.map(({ loads }) => loads)).toEqual([1, 0]);
  });

  it('ends a version that is aspired with an error', async () => {
    const { callback, events } = makeManager();
    callback('m', [{ id: { name: 'm', version: 1 }, error: new ServingError('INTERNAL', 'No platform') }]);
    await settle();
    expect(events).toEqual(['1 end INTERNAL']);
  });

  it('survives a policy that throws or asks for the impossible, and tells', async () => {
    const throwing = makeManager({
      getNextAction: () => {
        throw new Error('confused');
      },
    });
    await throwing.aspire([1]);
    expect(throwing.errors).toContain('The version policy failed for m: confused');
    const wrong = makeManager({ getNextAction: ([version]) => version && { action: 'unload', id: version.id } });
    await wrong.aspire([1]);
    expect(wrong.errors).toContain('The version policy asked to unload {name: m version: 1}, which is new');
  });

  describe('waitUntilSettled', () => {
    it('is over when all have been tried once', async () => {
      const { aspire, manager } = makeManager();
      expect(await isSettled(manager.waitUntilSettled('m'))).toBe(true);
      const gate = new Gate();
      await aspire([1, 2], (loader) => {
        loader.onLoad = () => (loader.id.version === 1 ? gate.opened : undefined);
      });
      expect(await isSettled(manager.waitUntilSettled('m'))).toBe(false);
      gate.fail(new Error('broken'));
      expect(await isSettled(manager.waitUntilSettled('m'))).toBe(true);
    });

    it('does not wait for versions that the policy leaves alone', async () => {
      const { aspire, manager } = makeManager({ getNextAction: () => undefined });
      await aspire([1]);
      expect(await isSettled(manager.waitUntilSettled('m'))).toBe(true);
    });
  });

  describe('close', () => {
    it('waits for handles, loads and unloads, and ignores further aspired versions', async () => {
      const { aspire, clock, loaders, manager } = makeManager();
      const gate = new Gate();
      await aspire([1, 2, 3], (loader) => {
        if (loader.id.version === 2) loader.onLoad = () => gate.opened;
        if (loader.id.version === 3) loader.onLoad = () => Promise.reject(new Error('broken'));
      });
      const handle = manager.getServableHandle({ name: 'm' });
      const closed = manager.close();
      await aspire([1, 2, 3, 4]);
      handle.release();
      expect(await isSettled(closed)).toBe(false);
      gate.open();
      await closed;
      expect(loaders.map(({ isLoaded }) => isLoaded)).not.toContain(true);
      expect(clock.pendingTimers).toBe(0);
      await manager.close();
    });
  });
});
