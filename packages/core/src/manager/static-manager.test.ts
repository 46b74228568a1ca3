import { describe, expect, it } from 'vitest';
import { isSettled, settle } from '../manual-clock.test-support.js';
import { FakeLoader, Gate } from '../server/fake-platform.test-support.js';
import { StaticManagerBuilder } from './static-manager.js';

function loader(version: number): FakeLoader {
  return new FakeLoader({ name: 'm', version });
}

function builderOf(loaders: readonly FakeLoader[], numLoadThreads = 2): StaticManagerBuilder {
  const builder = new StaticManagerBuilder({ numLoadThreads });
  for (const data of loaders) builder.addServable({ id: data.id, data });
  return builder;
}

describe('StaticManager', () => {
  it('has what it was built with, until it is closed', async () => {
    const loaders = [loader(1), loader(2)];
    const manager = await builderOf(loaders).build();
    expect(manager.listAvailableServableIds()).toEqual([loaders[0]!.id, loaders[1]!.id]);
    const handle = manager.getServableHandle({ name: 'm' });
    expect(handle.servable).toBe(loaders[1]!.servable);
    const closed = manager.close();
    expect(() => manager.getServableHandle({ name: 'm' })).toThrow('Servable not found for request: Latest(m)');
    expect(await isSettled(closed)).toBe(false);
    handle.release();
    await closed;
    await manager.close();
    expect(loaders.map(({ unloads }) => unloads)).toEqual([1, 1]);
  });

  it('is not built when one load fails, and leaves nothing loaded', async () => {
    const loaders = [loader(1), loader(2), loader(3)];
    const gate = new Gate();
    loaders[1]!.onLoad = () => Promise.reject(new Error('broken'));
    loaders[2]!.onLoad = () => gate.opened;
    const built = builderOf(loaders, 3).build();
    await settle();
    expect(await isSettled(built)).toBe(false);
    gate.open();
    await expect(built).rejects.toThrow('Failed to load {name: m version: 2}: broken');
    expect(loaders.map(({ isLoaded }) => isLoaded)).toEqual([false, false, false]);
  });

  it('is built once, of servables of different ids', async () => {
    const builder = builderOf([loader(1)]);
    await (await builder.build()).close();
    await expect(builder.build()).rejects.toThrow('was built already');
    await expect(builderOf([loader(1), loader(1)]).build()).rejects.toThrow('already being managed');
  });
});
