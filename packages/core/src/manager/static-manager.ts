/** A fixed list of servables, loaded once (TensorFlow Serving's `core/static_manager.h`). */
import { type Clock, systemClock } from '../clock.js';
import type { Loader } from '../loader/loader.js';
import type { ServableData } from '../servable/servable-data.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import type { ServableId } from '../servable/servable-id.js';
import type { ServableRequest } from '../servable/servable-request.js';
import type { ServableState } from '../servable/servable-state.js';
import { ServingError } from '../serving-error.js';
import { BasicManager } from './basic-manager.js';
import type { Manager } from './manager.js';

/** How a static manager loads. */
export interface StaticManagerOptions {
  /** Loads that run at once. Default 1. */
  readonly numLoadThreads?: number;
  /** Attempts after a failed one. Default 0. */
  readonly maxNumLoadRetries?: number;
  /** Milliseconds before each of them. Default 60,000. */
  readonly loadRetryIntervalMs?: number;
  /** Told of every change of state, synchronously and in order. Default: nobody is. */
  readonly publish?: (state: ServableState) => void;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
}

/** Made by a {@link StaticManagerBuilder}. What it was built with is available until it is closed. */
export class StaticManager implements Manager {
  readonly #basic: BasicManager;
  #closed: Promise<void> | undefined;

  constructor(basic: BasicManager) {
    this.#basic = basic;
  }

  getServableHandle(request: ServableRequest): ServableHandle {
    return this.#basic.getServableHandle(request);
  }

  listAvailableServableIds(): ServableId[] {
    return this.#basic.listAvailableServableIds();
  }

  /** Unloads every servable once its handles are released. */
  close(): Promise<void> {
    this.#closed ??= unloadAll(this.#basic);
    return this.#closed;
  }
}

/**
 * @example
 * ```ts
 * const builder = new StaticManagerBuilder();
 * builder.addServable({ id: { name: 'words', version: 1 }, data: simpleLoader({ load: readWords }) });
 * const manager = await builder.build();
 * ```
 */
export class StaticManagerBuilder {
  readonly #options: StaticManagerOptions;
  readonly #servables: ServableData<Loader>[] = [];
  #isBuilt = false;

  constructor(options: StaticManagerOptions = {}) {
    this.#options = options;
  }

  /** Takes one more servable. Nothing is loaded before `build`. */
  addServable(servable: ServableData<Loader>): this {
    this.#servables.push(servable);
    return this;
  }

  /**
   * Loads all that was added. To be called once.
   *
   * @throws ServingError what the first failed load failed with, after all the others were unloaded again; `FAILED_PRECONDITION`
   * when two servables have one id, and on a second call.
   */
  async build(): Promise<StaticManager> {
    if (this.#isBuilt) throw new ServingError('FAILED_PRECONDITION', 'The static manager was built already');
    this.#isBuilt = true;
    const { clock = systemClock, publish = () => {}, ...options } = this.#options;
    const basic = new BasicManager({
      numLoadThreads: 1,
      numUnloadThreads: 1,
      maxNumLoadRetries: 0,
      loadRetryIntervalMs: 60_000,
      ...options,
      clock,
      publish,
    });
    for (const servable of this.#servables) basic.manageServable(servable);
    const loads = this.#servables.map(async ({ id }) => await basic.loadServable(id));
    try {
      await Promise.all(loads);
    } catch (error) {
      for (const { id } of this.#servables) basic.cancelLoadRetry(id);
      await Promise.allSettled(loads);
      await unloadAll(basic);
      throw error;
    }
    return new StaticManager(basic);
  }
}

/** A failed unload is in the state that is published. */
async function unloadAll(basic: BasicManager): Promise<void> {
  await Promise.allSettled(basic.listAvailableServableIds().map((id) => basic.unloadServable(id)));
}
