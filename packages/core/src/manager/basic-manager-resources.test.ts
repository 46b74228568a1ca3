import { describe, expect, it } from 'vitest';
import { FakeLoader } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, ManualClock, settle } from '../../../testing/src/manual-clock.js';
import { BasicManager, type BasicManagerOptions } from './basic-manager.js';

const id = (version: number) => ({ name: 'm', version });

function makeManager(options: Partial<BasicManagerOptions> = {}) {
  const events: string[] = [];
  const manager = new BasicManager({
    clock: new ManualClock(),
    publish: ({ id: { version }, managerState, error }) =>
      events.push(`${version} ${managerState}${error ? ` ${error.code}` : ''}`),
    numLoadThreads: 4,
    numUnloadThreads: 4,
    maxNumLoadRetries: 0,
    loadRetryIntervalMs: 1000,
    resourceLimits: { ramBytes: 10 },
    ...options,
  });
  const manage = (version: number, ramBytes: number): FakeLoader => {
    const loader = new FakeLoader(id(version));
    loader.ramBytes = ramBytes;
    manager.manageServable({ id: loader.id, data: loader });
    return loader;
  };
  /** The load's error, or `undefined`. */
  const load = (version: number): Promise<unknown> =>
    manager.loadServable(id(version)).then(
      () => undefined,
      (error: unknown) => error,
    );
  return { events, manager, manage, load };
}

describe('BasicManager with resource limits', () => {
  it('fails a load that does not fit, and names who holds the memory', async () => {
    const { events, manage, load } = makeManager();
    manage(1, 6);
    const loader = manage(2, 5);
    await load(1);
    expect(await load(2)).toMatchObject({
      code: 'RESOURCE_EXHAUSTED',
      message:
        'Insufficient resources to load servable {name: m version: 2}: it needs 5 ram_in_bytes of main, 4 of 10 available; ' +
        'in use by: {name: m version: 1} (6)',
    });
    expect(loader.loads).toBe(0);
    expect(events.slice(-1)).toEqual(['2 end RESOURCE_EXHAUSTED']);
  });

  it('waits for an unload in flight, handles included', async () => {
    const { manager, manage, load } = makeManager();
    manage(1, 6);
    manage(2, 5);
    await load(1);
    const handle = manager.getServableHandle(id(1));
    void manager.unloadServable(id(1));
    const second = load(2);
    expect(await isSettled(second)).toBe(false);
    expect(manager.ram.used).toBe(6);
    handle.release();
    expect(await second).toBeUndefined();
    expect(manager.ram).toEqual({ used: 5, limit: 10, holders: [{ id: id(2), quantity: 5 }] });
  });

  it('blocks no other load while it waits for handles, reports that it waits, and goes first afterwards', async () => {
    const { events, manager, manage, load } = makeManager();
    for (const [version, bytes] of [
      [1, 6],
      [2, 8],
      [3, 2],
      [4, 3],
    ] as const)
      manage(version, bytes);
    await load(1);
    const handle = manager.getServableHandle(id(1));
    void manager.unloadServable(id(1));
    const second = load(2);
    await load(3);
    expect(events.filter((event) => event.startsWith('2'))).toContain('2 loading RESOURCE_EXHAUSTED');
    const fourth = load(4);
    await settle();
    handle.release();
    expect(await second).toBeUndefined();
    expect(await fourth).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });

  it('waits for a load in flight, which may fail, and is served in turn', async () => {
    const { manage, load } = makeManager();
    const gate = new Gate();
    manage(1, 6).onLoad = () => gate.opened;
    manage(2, 5);
    manage(3, 1);
    const first = load(1);
    await settle();
    const others = [load(2), load(3)];
    expect(await isSettled(others[1]!)).toBe(false);
    gate.fail(new Error('broken'));
    expect(await first).toMatchObject({ message: expect.stringContaining('broken') });
    expect(await Promise.all(others)).toEqual([undefined, undefined]);
  });

  it('fails at once what would never fit', async () => {
    const { manage, load } = makeManager({ insufficientResources: 'wait' });
    const gate = new Gate();
    manage(1, 1).onLoad = () => gate.opened;
    manage(2, 11);
    const first = load(1);
    await settle();
    expect(await load(2)).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    gate.open();
    await first;
  });

  it('may wait until there is room, seen to be waiting, while others that fit go before it', async () => {
    const { events, manager, manage, load } = makeManager({ insufficientResources: 'wait' });
    manage(1, 6);
    manage(2, 5);
    manage(3, 4);
    await load(1);
    const second = load(2);
    expect(await isSettled(second)).toBe(false);
    expect(events.at(-1)).toBe('2 loading RESOURCE_EXHAUSTED');
    await load(3);
    await manager.unloadServable(id(1));
    expect(await second).toBeUndefined();
    expect(events.filter((event) => event.startsWith('2'))).toEqual([
      '2 start',
      '2 loading RESOURCE_EXHAUSTED',
      '2 loading RESOURCE_EXHAUSTED',
      '2 loading',
      '2 available',
    ]);
  });

  it('waits no more when the version is not wanted any more', async () => {
    const { events, manager, manage, load } = makeManager({ insufficientResources: 'wait' });
    manage(1, 6);
    manage(2, 5);
    await load(1);
    const second = load(2);
    await settle();
    manager.cancelLoadRetry(id(2));
    expect(await second).toMatchObject({ code: 'CANCELLED' });
    expect(events.at(-1)).toBe('2 end CANCELLED');
    expect(manager.ram.used).toBe(6);
  });

  it('lets those go that waited behind one that waits no more', async () => {
    const { manager, manage, load } = makeManager();
    const gate = new Gate();
    manage(1, 6).onLoad = () => gate.opened;
    manage(2, 5);
    manage(3, 1);
    const loads = [load(1), load(2), load(3)];
    expect(await isSettled(loads[2]!)).toBe(false);
    manager.cancelLoadRetry(id(2));
    expect(await isSettled(loads[2]!)).toBe(true);
    gate.open();
    await Promise.all(loads);
    expect(manager.ram.used).toBe(7);
  });

  it('reserves again before a retry, as the files may have grown', async () => {
    const clock = new ManualClock();
    const { events, manager, manage, load } = makeManager({ clock, maxNumLoadRetries: 3 });
    manage(1, 5);
    await load(1);
    const growing = manage(2, 1);
    growing.onLoad = () => {
      if (growing.ramBytes < 4) throw new Error('a file is missing');
    };
    const second = load(2);
    await settle();
    growing.ramBytes = 6;
    await clock.advance(1000);
    expect(events.at(-1)).toBe('2 loading RESOURCE_EXHAUSTED');
    expect(manager.ram.used).toBe(6);
    growing.ramBytes = 4;
    await clock.advance(1000);
    expect(await second).toBeUndefined();
    expect(manager.ram.used).toBe(9);
    expect(growing.loads).toBe(2);
  });

  it('gives back what a failed load, a cancelled load and a failed unload held', async () => {
    const { manager, manage, load } = makeManager();
    const gate = new Gate();
    manage(1, 2).onLoad = () => Promise.reject(new Error('broken'));
    manage(2, 2).onLoad = () => gate.opened;
    manage(3, 2).onUnload = () => Promise.reject(new Error('stuck'));
    const loads = [load(1), load(2), load(3)];
    await settle();
    manager.cancelLoadRetry(id(2));
    gate.open();
    await Promise.all(loads);
    expect(manager.ram.used).toBe(2);
    await manager.unloadServable(id(3)).catch(() => {});
    expect(manager.ram.used).toBe(0);
  });

  it('lets room be made, and waits for it', async () => {
    const made = makeManager({
      makeRoom: () => {
        const [first] = made.manager.listAvailableServableIds();
        if (first) void made.manager.unloadServable(first);
      },
    });
    for (const version of [1, 2, 3]) made.manage(version, 5);
    await made.load(1);
    await made.load(2);
    expect(await made.load(3)).toBeUndefined();
    expect(made.manager.listAvailableServableIds()).toEqual([id(2), id(3)]);
  });

  it('ends in error a version whose estimate makes no sense', async () => {
    const { manage, load } = makeManager();
    manage(1, Number.NaN);
    expect(await load(1)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
