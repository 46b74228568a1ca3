import { describe, expect, it } from 'vitest';
import { isSettled } from '../../../testing/src/manual-clock.js';
import { type ModelControl, modelControlOf } from './model-control.js';
import type { ModelServer } from './model-server.js';
import { answer, model, ServerHarness, specific } from './model-server.test-support.js';

async function started(): Promise<{ harness: ServerHarness; server: ModelServer; control: ModelControl }> {
  const harness = new ServerHarness();
  harness.storage.add('a', 1).add('b', 1);
  const server = await harness.start({ models: [model('a', { versionLabels: { best: 1 } }), model('b')] });
  return { harness, server, control: modelControlOf(server)! };
}

describe('ModelControl', () => {
  it('unloads a model that stays listed until it is loaded', async () => {
    const { harness, server, control } = await started();
    await control.unload('a');
    expect(control.isParked('a')).toBe(true);
    expect(server.modelNames).toEqual(['a', 'b']);
    expect(await answer(server, 'a')).toBe('NOT_FOUND');
    harness.storage.add('a', 1, 2);
    await server.poll();
    await server.reload({ models: [model('a'), model('b')] });
    expect(await answer(server, 'a')).toBe('NOT_FOUND');
    await control.load('a');
    expect(control.isParked('a')).toBe(false);
    expect(await answer(server, 'a')).toBe(2);
  });

  it('loads a model that a list names with another version policy', async () => {
    const { server, control } = await started();
    await control.unload('a');
    await server.reload({ models: [model('a', specific(1)), model('b')] });
    expect(control.isParked('a')).toBe(false);
    expect(await answer(server, 'a')).toBe(1);
  });

  it('waits for handles before an unload resolves, and runs a load of the same model behind it', async () => {
    const { server, control } = await started();
    const handle = server.getServableHandle({ model: 'a' });
    const unloaded = control.unload('a');
    const loaded = control.load('a');
    expect(await isSettled(unloaded)).toBe(false);
    expect(await isSettled(loaded)).toBe(false);
    handle.release();
    await unloaded;
    await loaded;
    expect(await answer(server, 'a')).toBe(1);
  });

  it('returns what is configured of a model', async () => {
    const { control } = await started();
    expect(control.find('a')).toMatchObject({ platform: 'tensorflow', versionLabels: new Map([['best', 1]]) });
    expect(control.find('c')).toBeUndefined();
  });

  it('rejects the load of a model whose versions all fail, and of an unknown one', async () => {
    const { harness, control } = await started();
    await control.unload('a');
    harness.prepare = (loader) => {
      loader.onLoad = () => Promise.reject(new Error('broken'));
    };
    await expect(control.load('a')).rejects.toMatchObject({ code: 'UNKNOWN' });
    await expect(control.load('c')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(control.unload('c')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not there for an object that is not a model server', () => {
    expect(modelControlOf({})).toBeUndefined();
  });

  it('moves and removes version labels, and leaves other models alone', async () => {
    const { harness, server, control } = await started();
    harness.storage.add('a', 1, 2);
    await server.reload({ models: [model('a', { ...specific(1, 2), versionLabels: { best: 1 } }), model('b')] });
    harness.take();
    await control.setLabel('a', 'best', 2);
    await control.setLabel('a', 'old', 1);
    expect(await answer(server, 'a', 'best')).toBe(2);
    expect(await answer(server, 'a', 'old')).toBe(1);
    await control.setLabel('a', 'old', undefined);
    expect(await answer(server, 'a', 'old')).toBe('INVALID_ARGUMENT');
    expect(harness.take().filter((event) => !event.startsWith('reloaded'))).toEqual([]);
    await expect(control.setLabel('a', 'best', 9)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    await expect(control.setLabel('c', 'best', 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('reads the config source on demand, and rejects with what keeps its list from being in place', async () => {
    const harness = new ServerHarness();
    harness.storage.add('a', 1).add('b', 1);
    let list: Promise<{ models: ReturnType<typeof model>[] }> = Promise.resolve({ models: [model('a')] });
    const server = await harness.start({ configSource: { read: () => list, pollIntervalMs: false } });
    const { readConfiguration } = modelControlOf(server)!;
    list = Promise.resolve({ models: [model('a'), model('b')] });
    await readConfiguration?.();
    expect(server.modelNames).toEqual(['a', 'b']);
    list = Promise.reject(new Error('the file is gone'));
    await expect(readConfiguration?.()).rejects.toThrow(/could not be read; .* the file is gone/);
    list = Promise.resolve({ models: [] });
    await expect(readConfiguration?.()).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
    expect(server.modelNames).toEqual(['a', 'b']);
    expect(modelControlOf((await started()).server)?.readConfiguration).toBeUndefined();
  });

  it('knows states with their times, changes of state, what is wrong with a base path, and the memory of versions', async () => {
    const { harness, server, control } = await started();
    expect(control.versionStates('a')).toMatchObject([
      { state: { managerState: 'available' }, time: harness.clock.wallTime() },
    ]);
    const states = control.recentStates().filter(({ state }) => state.id.name === 'a');
    expect(states.map(({ state }) => state.managerState)).toEqual(['start', 'loading', 'available']);
    expect(control.memoryOf('a')).toEqual(new Map([[1, 1]]));
    expect(control.find('a')).toMatchObject({ platform: 'tensorflow', versionPolicy: { latest: { numVersions: 1 } } });
    expect(control.isBatched('a')).toBe(false);
    await server.addModel(model('empty')).catch(() => undefined);
    expect(control.problemsOf('empty')).toHaveLength(1);
  });
});
