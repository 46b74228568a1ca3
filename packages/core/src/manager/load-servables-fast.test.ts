import { describe, expect, it } from 'vitest';
import type { Loader } from '../loader/loader.js';
import { ManualClock, settle } from '../manual-clock.test-support.js';
import { ServableStateMonitor } from '../servable/servable-state-monitor.js';
import { FakeLoader, Gate } from '../server/fake-platform.test-support.js';
import type { Source } from '../source/source.js';
import { AspiredVersionsManager } from './aspired-versions-manager.js';
import { availabilityPreservingPolicy } from './availability-preserving-policy.js';
import { connectSourceWithFastInitialLoad } from './load-servables-fast.js';

function start(signal?: AbortSignal) {
  const clock = new ManualClock();
  const monitor = new ServableStateMonitor(clock);
  const manager = new AspiredVersionsManager({
    clock,
    aspiredVersionPolicy: availabilityPreservingPolicy,
    publish: (state) => monitor.record(state),
    onError: () => {},
    numLoadThreads: 1,
    numUnloadThreads: 1,
    maxNumLoadRetries: 0,
    loadRetryIntervalMs: 0,
  });
  const gate = new Gate();
  const names = ['a', 'b', 'c'];
  const loaders = names.map((name) => new FakeLoader({ name, version: 1 }));
  for (const loader of loaders) loader.onLoad = () => gate.opened;
  const source: Source<Loader> = {
    setAspiredVersionsCallback(callback) {
      for (const loader of loaders) callback(loader.id.name, [{ id: loader.id, data: loader }]);
    },
  };
  const done = connectSourceWithFastInitialLoad(manager, source, {
    monitor,
    initialServables: names.map((name) => ({ name })),
    numInitialLoadThreads: 2,
    ...(signal && { signal }),
  });
  return { manager, loaders, gate, done };
}

describe('connectSourceWithFastInitialLoad', () => {
  it('loads more at once until all that was wanted is there', async () => {
    const { manager, loaders, gate, done } = start();
    await settle();
    expect(loaders.map(({ loads }) => loads)).toEqual([1, 1, 0]);
    expect(manager.numLoadThreads).toBe(2);
    gate.open();
    expect(await done).toMatchObject({ reached: true });
    expect(manager.numLoadThreads).toBe(1);
  });

  it('tells what failed', async () => {
    const { gate, done } = start();
    gate.fail(new Error('broken'));
    expect(await done).toMatchObject({ reached: false, states: [{ managerState: 'end' }, {}, {}] });
  });

  it('has the usual number of threads again when it is given up', async () => {
    const controller = new AbortController();
    const { manager, done } = start(controller.signal);
    controller.abort();
    await expect(done).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(manager.numLoadThreads).toBe(1);
  });
});
