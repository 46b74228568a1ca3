import { describe, expect, it } from 'vitest';
import { FakeLoader } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { ManualClock, settle } from '../../../testing/src/manual-clock.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import { BasicManager, type BasicManagerOptions } from './basic-manager.js';

function makeManager(options: Partial<BasicManagerOptions> = {}) {
  const clock = new ManualClock();
  const events: string[] = [];
  const manager = new BasicManager({
    clock,
    publish: ({ id, managerState, error }) => {
      let found = '';
      try {
        manager.getServableHandle(id).release();
        found = ' *';
      } catch {}
      events.push(`${id.name} ${id.version} ${managerState}${found}${error ? ` ${error.code}` : ''}`);
    },
    numLoadThreads: 1,
    numUnloadThreads: 1,
    maxNumLoadRetries: 0,
    loadRetryIntervalMs: 1000,
    ...options,
  });
  const manage = (version: Version, name = 'm'): FakeLoader => {
    const loader = new FakeLoader({ name, version });
    manager.manageServable({ id: loader.id, data: loader });
    return loader;
  };
  return { clock, events, manager, manage };
}

const id = (version: Version, name = 'm') => ({ name, version });

describe('BasicManager', () => {
  it('publishes each state when it is true: handles work from available until after unloading', async () => {
    const { events, manager, manage } = makeManager();
    manage(1);
    await manager.loadServable(id(1));
    await manager.unloadServable(id(1));
    expect(events).toEqual(['m 1 start', 'm 1 loading', 'm 1 available *', 'm 1 unloading *', 'm 1 end']);
  });

  it('unloads only when the last handle is released, and gives no new ones meanwhile', async () => {
    const { manager, manage } = makeManager();
    const loader = manage(1);
    await manager.loadServable(id(1));
    const handle = manager.getServableHandle({ name: 'm' });
    const unloaded = manager.unloadServable(id(1));
    expect(() => manager.getServableHandle({ name: 'm' })).toThrow('Servable not found for request: Latest(m)');
    await settle();
    expect(loader.unloads).toBe(0);
    expect(manager.getManagedServables('m')).toEqual([{ id: id(1), state: { kind: 'quiescing' } }]);
    handle.release();
    await unloaded;
    expect(loader.unloads).toBe(1);
  });

  it('does not let the handles of one version hold up another, nor its load', async () => {
    const { manager, manage } = makeManager();
    manage(1);
    await manager.loadServable(id(1));
    using held = manager.getServableHandle({ name: 'm' });
    void manager.unloadServable(id(1));
    manage(2);
    await manager.loadServable(id(2));
    await manager.unloadServable(id(2));
    expect(held.id.version).toBe(1);
    expect(manager.getManagedServables('m').map(({ state }) => state.kind)).toEqual(['quiescing', 'disabled']);
  });

  it('ends a version whose item is an error at once', () => {
    const { events, manager } = makeManager();
    manager.manageServable({ id: id(1), error: new ServingError('INTERNAL', 'No platform found for model') });
    expect(events).toEqual(['m 1 end INTERNAL']);
  });

  it('loads no more at once than it may, and lets others load while one waits for a retry', async () => {
    const { clock, events, manager, manage } = makeManager({ maxNumLoadRetries: 1 });
    const gate = new Gate();
    manage(1).onLoad = (attempt) => {
      if (attempt === 1) throw new Error('not yet');
    };
    manage(2).onLoad = () => gate.opened;
    const first = manager.loadServable(id(1));
    const second = manager.loadServable(id(2));
    await settle();
    await clock.advance(1000);
    expect(events.slice(2)).toEqual(['m 1 loading', 'm 2 loading', 'm 1 loading UNKNOWN']);
    gate.open();
    await Promise.all([first, second]);
    expect(events.slice(5)).toEqual(['m 2 available *', 'm 1 available *']);
  });

  it('tries a failed estimate of resources again, and says what failed', async () => {
    const { clock, events, manager, manage } = makeManager({ maxNumLoadRetries: 1 });
    manage(12).onEstimate = () => Promise.reject(new ServingError('FAILED_PRECONDITION', 'PATH; Not a directory'));
    const load = manager.loadServable(id(12)).catch((error: unknown) => error);
    await settle();
    await clock.advance(1000);
    expect(await load).toMatchObject({
      code: 'FAILED_PRECONDITION',
      message:
        'Error while attempting to reserve resources to load servable {name: m version: 12}: PATH; Not a directory',
    });
    expect(events).toEqual(['m 12 start', 'm 12 loading FAILED_PRECONDITION', 'm 12 end FAILED_PRECONDITION']);
    await expect(manager.loadServable(id(12))).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('loads after an estimate that succeeded at last', async () => {
    const { clock, events, manager, manage } = makeManager({ maxNumLoadRetries: 1 });
    let estimates = 0;
    manage(1).onEstimate = () => {
      estimates += 1;
      if (estimates === 1) throw new Error('files are missing');
    };
    const load = manager.loadServable(id(1));
    await settle();
    await clock.advance(1000);
    await load;
    expect(events).toEqual(['m 1 start', 'm 1 loading UNKNOWN', 'm 1 loading', 'm 1 available *']);
  });

  it('calls the hook before each load, and takes what it throws for a failed attempt', async () => {
    const hooked: Version[] = [];
    const { manager, manage } = makeManager({
      preLoadHook: ({ version }) => {
        hooked.push(version);
        if (version === 2) throw new Error('not now');
      },
    });
    const loaders = [manage(1), manage(2)];
    await manager.loadServable(id(1));
    await expect(manager.loadServable(id(2))).rejects.toThrow('Failed to load {name: m version: 2}: not now');
    expect(hooked).toEqual([1, 2]);
    expect(loaders.map(({ loads }) => loads)).toEqual([1, 0]);
  });

  it('gives handles to all that is available, and counts them', async () => {
    const { manager, manage } = makeManager();
    manage(1);
    manage(2);
    await manager.loadServable(id(1));
    await manager.loadServable(id(2));
    const handles = manager.getAvailableServableHandles();
    expect(handles.map((handle) => handle.id.version)).toEqual([1, 2]);
    expect([manager.countHandles(id(1)), manager.countHandles(id(3))]).toEqual([1, 0]);
    for (const handle of handles) handle.release();
    expect(manager.countHandles(id(1))).toBe(0);
  });

  it('ends a version whose unload fails with the error', async () => {
    const { events, manager, manage } = makeManager();
    manage(1).onUnload = () => Promise.reject(new Error('stuck'));
    await manager.loadServable(id(1));
    await expect(manager.unloadServable(id(1))).rejects.toThrow('Failed to unload {name: m version: 1}: stuck');
    expect(events.at(-1)).toBe('m 1 end INTERNAL');
  });

  it('knows a version by its number and by its bigint', async () => {
    const { manager, manage } = makeManager();
    manage(1n);
    expect(() => manage(1)).toThrow('already being managed');
    await manager.loadServable(id(1n));
    expect(manager.listAvailableServableIds()).toEqual([id(1)]);
    using handle = manager.getServableHandle(id(1n));
    expect([handle.id.version, manager.countHandles(id(1n)), manager.getState(id(1))?.kind]).toEqual([1, 1, 'ready']);
    handle.release();
    await manager.unloadServable(id(1n));
    manager.stopManagingServable(id(1n));
    expect(manager.listManagedServables()).toEqual([]);
  });

  it('refuses what is out of turn', async () => {
    const { manager, manage } = makeManager();
    manage(1);
    expect(() => manage(1)).toThrow('This servable is already being managed: {name: m version: 1}');
    const unknown = 'This servable is not being managed by the manager: {name: m version: 2}';
    await expect(manager.loadServable(id(2))).rejects.toMatchObject({ code: 'NOT_FOUND', message: unknown });
    await expect(manager.unloadServable(id(2))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(() => manager.stopManagingServable(id(2))).toThrow(unknown);
    await expect(manager.unloadServable(id(1))).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await manager.loadServable(id(1));
    await expect(manager.loadServable(id(1))).rejects.toMatchObject({ message: 'Duplicate load request' });
    expect(() => manager.stopManagingServable(id(1))).toThrow("can't be forgotten in state ready");
  });

  it('forgets a version, and tells the end of one that was never loaded', () => {
    const { events, manager, manage } = makeManager();
    manage(1);
    manager.stopManagingServable(id(1));
    expect(manager.getManagedServables('m')).toEqual([]);
    expect(events).toEqual(['m 1 start', 'm 1 end']);
  });
});
