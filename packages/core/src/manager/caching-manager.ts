/** Loads versions on first use, and unloads those that are no longer used (TensorFlow Serving's `core/caching_manager.h`). */
import type { ResourceHolder, ResourceShortage } from '../resources/resource-tracker.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import type { ServableId } from '../servable/servable-id.js';
import type { ServableRequest } from '../servable/servable-request.js';
import type { ServableState } from '../servable/servable-state.js';
import { parseVersion, toVersion, type Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import { BasicManager, type BasicManagerOptions } from './basic-manager.js';
import { CacheEntry } from './cache-entry.js';
import type { LoaderFactory } from './loader-factory.js';

/** `resourceLimits` is the budget; without it nothing is ever evicted. */
export interface CachingManagerOptions
  extends Omit<BasicManagerOptions, 'makeRoom' | 'insufficientResources' | 'publish'> {
  readonly loaderFactory: LoaderFactory;
  /** Called on every state change, synchronously and in order. Default: no-op. */
  readonly publish?: (state: ServableState) => void;
}

/**
 * However many requests for a version come at once, it is loaded once, and all of them get a handle before anything else can happen
 * to it. A load that doesn't fit unloads versions without handles, the least recently requested first; when that is not
 * enough, versions with handles too: they are given out no more, and unloaded after their last release. Handles given out
 * stay good in any case. A load that failed is forgotten: the next request tries again.
 *
 * @example
 * ```ts
 * const manager = new CachingManager({
 *   clock: systemClock,
 *   loaderFactory: pathPrefixLoaderFactory('/models', (path) => createLoader(path)),
 *   resourceLimits: { ramBytes: 2 ** 31 },
 *   numLoadThreads: 2,
 *   numUnloadThreads: 1,
 *   maxNumLoadRetries: 0,
 *   loadRetryIntervalMs: 0,
 * });
 * using handle = manager.getServableHandleIfLoaded({ name }) ?? (await manager.getServableHandle({ name }));
 * ```
 */
export class CachingManager {
  readonly #basic: BasicManager;
  readonly #factory: LoaderFactory;
  readonly #publish: (state: ServableState) => void;
  readonly #streams = new Map<string, Map<Version, CacheEntry>>();
  #requests = 0;
  #closed: Promise<void> | undefined;

  /** @throws ServingError `INVALID_ARGUMENT` for limits that make no sense. */
  constructor({ loaderFactory, publish = () => {}, ...options }: CachingManagerOptions) {
    this.#factory = loaderFactory;
    this.#publish = publish;
    this.#basic = new BasicManager({
      ...options,
      publish: (state) => this.#follow(state),
      makeRoom: (shortage) => this.#makeRoom(shortage),
    });
  }

  /**
   * A handle, to be released by the caller, as soon as the version is loaded.
   *
   * @throws ServingError what the loader factory or the load failed with; `RESOURCE_EXHAUSTED` for a version larger than
   * the whole budget; `CANCELLED` when `signal` aborts, which ends this wait and not the load; `UNAVAILABLE` when the
   * manager is closed.
   */
  async getServableHandle(
    request: ServableRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<ServableHandle> {
    const loaded = this.getServableHandleIfLoaded(request);
    if (loaded) return loaded;
    const { name } = request;
    const entry = this.#entry({ name, version: this.#versionOf(request) });
    const handle = entry.wait(signal);
    this.#load(entry);
    return await handle;
  }

  /**
   * A handle when the version is loaded, without a promise: for hot paths, which else call {@link getServableHandle}.
   *
   * @throws ServingError `UNAVAILABLE` when the manager is closed; what the loader factory throws.
   */
  getServableHandleIfLoaded(request: ServableRequest): ServableHandle | undefined {
    if (this.#closed !== undefined) throw closedError();
    const entry = this.#streams.get(request.name)?.get(this.#versionOf(request));
    if (!entry?.isLoaded) return undefined;
    this.#requests += 1;
    entry.lastRequest = this.#requests;
    return this.#basic.getServableHandle(entry.id);
  }

  /** The versions that are loaded now. Others are loaded when they are requested. */
  listAvailableServableIds(): ServableId[] {
    return this.#basic.listAvailableServableIds();
  }

  /** What is held of the machine's memory, in bytes, and by whom. */
  get ram(): BasicManager['ram'] {
    return this.#basic.ram;
  }

  /** Fails all who wait with `UNAVAILABLE`, cancels loads, unloads every version once its handles are released, and resolves then. */
  close(): Promise<void> {
    this.#closed ??= this.#unloadAll();
    return this.#closed;
  }

  async #unloadAll(): Promise<void> {
    const entries = [...this.#streams.values()].flatMap((versions) => [...versions.values()]);
    for (const entry of entries) {
      entry.failAll(closedError());
      this.#basic.cancelLoadRetry(entry.id);
      if (entry.isLoaded) this.#unload(entry);
    }
    await Promise.all(entries.map(({ work }) => work));
  }

  #versionOf({ name, version, choice = 'latest' }: ServableRequest): Version {
    const wanted = version ?? this.#factory.getServableVersion(name, choice);
    return toVersion(wanted) ?? parseVersion(wanted, `Servable ${name}: `);
  }

  #entry(id: ServableId): CacheEntry {
    let versions = this.#streams.get(id.name);
    if (!versions) {
      versions = new Map();
      this.#streams.set(id.name, versions);
    }
    let entry = versions.get(id.version);
    if (!entry) {
      entry = new CacheEntry(id);
      versions.set(id.version, entry);
    }
    this.#requests += 1;
    entry.lastRequest = this.#requests;
    return entry;
  }

  #forget({ id }: CacheEntry): void {
    const versions = this.#streams.get(id.name);
    versions?.delete(id.version);
    if (versions?.size === 0) this.#streams.delete(id.name);
  }

  /** Begins a load, unless a load or unload is in flight; its end then serves those who wait. */
  #load(entry: CacheEntry): void {
    if (entry.work === undefined) this.#begin(entry, this.#tryToLoad(entry));
  }

  /** An unload may take the place of a load that is done but for its last turn; only the newest work has an end. */
  #begin(entry: CacheEntry, work: Promise<void>): void {
    const mine = work.then(() => {
      if (entry.work === mine) this.#afterWork(entry);
    });
    entry.work = mine;
  }

  async #tryToLoad(entry: CacheEntry): Promise<void> {
    const { id } = entry;
    try {
      const loader = await this.#factory.createLoader(id);
      if (this.#closed !== undefined || !entry.hasWaiters) return;
      this.#basic.manageServable({ id, data: loader });
      await this.#basic.loadServable(id);
    } catch (reason) {
      entry.failAll(ServingError.from(reason));
      if (this.#basic.getState(id)) this.#basic.stopManagingServable(id);
    }
  }

  #unload(entry: CacheEntry): void {
    const { id } = entry;
    entry.isLeaving = true;
    const unloaded = this.#basic.unloadServable(id).catch(() => {
      // It is in the state that was published.
    });
    this.#begin(
      entry,
      unloaded.then(() => {
        entry.isLeaving = false;
        this.#basic.stopManagingServable(id);
      }),
    );
  }

  #afterWork(entry: CacheEntry): void {
    entry.work = undefined;
    if (entry.isLoaded) return;
    if (entry.hasWaiters && this.#closed === undefined) this.#load(entry);
    else this.#forget(entry);
  }

  #follow(state: ServableState): void {
    const { id, managerState } = state;
    const entry = this.#streams.get(id.name)?.get(id.version);
    if (entry) entry.isLoaded = managerState === 'available';
    if (entry?.isLoaded) entry.giveHandles(() => this.#basic.getServableHandle(id));
    this.#publish(state);
  }

  /** Begins to unload what it takes, if what is being unloaded already doesn't do. */
  #makeRoom({ needed, used, limit, holders }: ResourceShortage): void {
    let missing = used + needed - limit;
    for (const holder of holders) if (this.#entryOf(holder)?.isLeaving) missing -= holder.quantity;
    const evictable = holders
      .flatMap((holder) => {
        const entry = this.#entryOf(holder);
        return entry?.isLoaded ? { entry, ...holder, isHeld: this.#basic.countHandles(holder.id) > 0 } : [];
      })
      .sort((a, b) => Number(a.isHeld) - Number(b.isHeld) || a.entry.lastRequest - b.entry.lastRequest);
    for (const { entry, quantity } of evictable) {
      if (missing <= 0) return;
      missing -= quantity;
      this.#unload(entry);
    }
  }

  #entryOf({ id }: ResourceHolder): CacheEntry | undefined {
    return this.#streams.get(id.name)?.get(id.version);
  }
}

function closedError(): ServingError {
  return new ServingError('UNAVAILABLE', 'The caching manager is closed');
}
