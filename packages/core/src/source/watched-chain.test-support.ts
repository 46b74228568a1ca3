/** A file-system source on any storage, connected to a manager, for tests of what ends up being served. */

import { ManualClock } from '../../../testing/src/manual-clock.js';
import { platformFromLoader } from '../loader/platform-from-loader.js';
import { simpleLoader } from '../loader/simple-loader.js';
import { AspiredVersionsManager } from '../manager/aspired-versions-manager.js';
import { availabilityPreservingPolicy } from '../manager/availability-preserving-policy.js';
import { ServableStateMonitor } from '../servable/servable-state-monitor.js';
import { FileSystemStoragePathSource, type PollInterval, type PollOutcome } from './file-system-storage-path-source.js';
import { connectSourceToTarget } from './source.js';
import type { Storage } from './storage.js';
import type { VersionPolicy } from './version-policy.js';

export const LOAD_RETRY_INTERVAL_MS = 60_000;

/** One model `m`, whose servables are what `read` gives for their paths. */
export function watchedChain(
  storage: Storage,
  basePath: string,
  read: (path: string) => Promise<string>,
  {
    versionPolicy = { latest: { numVersions: 1 } } as VersionPolicy,
    pollIntervalMs = false as PollInterval,
    maxNumLoadRetries = 0,
    unversionedBasePath = false,
  } = {},
) {
  const clock = new ManualClock();
  const monitor = new ServableStateMonitor(clock);
  const outcomes: PollOutcome[] = [];
  const manager = new AspiredVersionsManager({
    clock,
    aspiredVersionPolicy: availabilityPreservingPolicy,
    publish: (state) => monitor.record(state),
    onError: (error) => {
      throw error;
    },
    numLoadThreads: 1,
    numUnloadThreads: 1,
    maxNumLoadRetries,
    loadRetryIntervalMs: LOAD_RETRY_INTERVAL_MS,
  });
  const source = new FileSystemStoragePathSource({
    servables: [{ servableName: 'm', basePath, versionPolicy, unversionedBasePath }],
    storage,
    clock,
    pollIntervalMs,
    hasFailed: (id) => manager.hasFailed(id),
    onPolled: (_, outcome) => outcomes.push(outcome),
  });
  const adapter = platformFromLoader((path) => simpleLoader({ load: () => read(path) })).createSourceAdapter({
    modelOptions: () => undefined,
  });
  connectSourceToTarget(adapter, manager);
  connectSourceToTarget(source, adapter);
  /** Looks now, and lets follow what follows. */
  const poll = async (): Promise<void> => {
    await source.poll();
    await manager.waitUntilSettled('m');
  };
  /** Version → content of what can be had. */
  const served = (): Record<string, unknown> => {
    const found: Record<string, unknown> = {};
    for (const id of manager.listAvailableServableIds()) {
      const handle = manager.getServableHandle(id);
      found[String(id.version)] = handle.servable;
      handle.release();
    }
    return found;
  };
  const close = async (): Promise<void> => {
    await source.close();
    await manager.close();
  };
  return { clock, manager, monitor, outcomes, poll, served, close };
}
