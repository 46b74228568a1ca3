import { availabilityPreservingPolicy } from '@serving/core';
import { type Loader, systemClock } from '@serving/core/extend';
import { AspiredVersionsManager, connectSourceToTarget, formatServableId } from '@serving/core/lifecycle';
import { describe, expect, it } from 'vitest';
import { FakeLoader } from './fake-loader.js';
import { FakeSource } from './fake-source.js';

/** A source under the manager, and what the manager says. */
function managed() {
  const states: string[] = [];
  const source = new FakeSource<Loader>();
  const manager = new AspiredVersionsManager({
    aspiredVersionPolicy: availabilityPreservingPolicy,
    clock: systemClock,
    numLoadThreads: 1,
    numUnloadThreads: 1,
    maxNumLoadRetries: 0,
    loadRetryIntervalMs: 0,
    publish: ({ id, managerState }) => states.push(`${formatServableId(id)} ${managerState}`),
    onError: (error) => states.push(error.message),
  });
  return { source, manager, states };
}

describe('FakeSource', () => {
  it('emits aspired versions, also those from before it was connected', async () => {
    const { source, manager } = managed();
    const [one, two] = [new FakeLoader('one'), new FakeLoader('two')];
    source.aspire('greeting', { 1: one });
    connectSourceToTarget(source, manager);
    await manager.waitUntilSettled('greeting');
    expect(manager.listAvailableServableIds()).toEqual([{ name: 'greeting', version: 1 }]);
    source.aspire('greeting', { 2: two });
    await manager.waitUntilSettled('greeting');
    const handle = manager.getServableHandle({ name: 'greeting' });
    expect(handle.servable).toBe('two');
    handle.release();
    source.aspire('greeting', {});
    await manager.close();
    expect([one, two].map(({ loads, unloads, isLoaded }) => ({ loads, unloads, isLoaded }))).toEqual([
      { loads: 1, unloads: 1, isLoaded: false },
      { loads: 1, unloads: 1, isLoaded: false },
    ]);
  });
});

describe('FakeLoader', () => {
  it('fails when it is called out of turn', async () => {
    const loader = new FakeLoader('one');
    const context = { id: { name: 'm', version: 1 }, signal: new AbortController().signal };
    expect(() => loader.getServable()).toThrow('getServable was called out of turn');
    await expect(loader.unload()).rejects.toThrow('unload was called out of turn');
    await loader.load(context);
    await expect(loader.load(context)).rejects.toThrow('load was called out of turn');
    await loader.unload();
    await expect(loader.load(context)).rejects.toThrow('load was called out of turn');
  });
});
