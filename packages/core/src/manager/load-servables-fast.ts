/** The first loads of a program, with more threads than later ones (TensorFlow Serving's `core/load_servables_fast.h`). */
import { availableParallelism } from 'node:os';
import type { Loader } from '../loader/loader.js';
import type { ServableRequest } from '../servable/servable-request.js';
import type { ServableStateMonitor, WaitOptions, WaitResult } from '../servable/servable-state-monitor.js';
import { connectSourceToTarget, type Source } from '../source/source.js';
import type { AspiredVersionsManager } from './aspired-versions-manager.js';

/** What a fast initial load needs beside the manager and its source. */
export interface FastInitialLoadOptions extends WaitOptions {
  /** Hears of every state that the manager publishes. */
  readonly monitor: ServableStateMonitor;
  /** What has to be available, or to have ended, before the load counts as done. */
  readonly initialServables: readonly ServableRequest[];
  /** Loads that run at once until then. Default: four for each processor; never fewer than the manager's own number. */
  readonly numInitialLoadThreads?: number;
}

/**
 * Connects a source to a manager and resolves when each of the initial servables is available or has ended. The manager
 * has its own number of load threads again after that, also when the wait fails.
 *
 * @throws ServingError `CANCELLED` when `signal` aborts.
 */
export async function connectSourceWithFastInitialLoad(
  manager: AspiredVersionsManager,
  source: Source<Loader>,
  {
    monitor,
    initialServables,
    numInitialLoadThreads = 4 * availableParallelism(),
    ...waitOptions
  }: FastInitialLoadOptions,
): Promise<WaitResult> {
  const { numLoadThreads } = manager;
  manager.setNumLoadThreads(Math.max(numLoadThreads, numInitialLoadThreads));
  try {
    connectSourceToTarget(source, manager);
    return await monitor.waitUntilServablesReachState(initialServables, 'available', waitOptions);
  } finally {
    manager.setNumLoadThreads(numLoadThreads);
  }
}
