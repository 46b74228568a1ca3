/** Loads and unloads single versions on demand, and returns handles of them (TensorFlow Serving's `core/basic_manager.h`). */
import PQueue from 'p-queue';
import type { Clock } from '../clock.js';
import type { Loader, ResourceEstimate } from '../loader/loader.js';
import { LoaderHarness, type LoaderHarnessState } from '../loader/loader-harness.js';
import { type Activity, type InsufficientResourcesPolicy, ReservationQueue } from '../resources/reservation-queue.js';
import type { ResourceLimits } from '../resources/resource-quantity.js';
import { insufficientResources, type ResourceShortage, type ResourceTracker } from '../resources/resource-tracker.js';
import type { ServableData } from '../servable/servable-data.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { canonicalServableId, formatServableId, type ServableId } from '../servable/servable-id.js';
import type { ServableRequest } from '../servable/servable-request.js';
import type { ManagerState, ServableState } from '../servable/servable-state.js';
import { toVersion, type Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { Manager } from './manager.js';
import { ServingMap } from './serving-map.js';

/** The options of a manager that loads and unloads. Counts are non-negative integers. */
export interface BasicManagerOptions {
  readonly clock: Clock;
  /** Called on every state change, synchronously and in order. */
  readonly publish: (state: ServableState) => void;
  /** Loads that run at once; 0 means 1. A load that waits for a retry or for resources is not counted. */
  readonly numLoadThreads: number;
  /** Unloads that run at once; 0 means 1. One that waits for handles is not counted. */
  readonly numUnloadThreads: number;
  /** Attempts to load a version after a failed one. A failed estimate of its resources is a failed attempt. */
  readonly maxNumLoadRetries: number;
  /** Milliseconds before each of them. */
  readonly loadRetryIntervalMs: number;
  /** Whether a load that failed so may be tried again. Default: always. */
  readonly shouldRetryModelLoad?: (error: ServingError) => boolean;
  /** What all versions together may hold, from the approval of their load to the end of their unload. Default: no limit. */
  readonly resourceLimits?: ResourceLimits;
  /** What a load does that does not fit, once no load or unload in flight can free resources. Default: `fail`. */
  readonly insufficientResources?: InsufficientResourcesPolicy;
  /** Called each time that a load is found not to fit; may begin unloads, which the load then waits for. */
  readonly makeRoom?: (shortage: ResourceShortage) => void;
  /** Called just before the first attempt of each load. What it throws is a failed attempt. */
  readonly preLoadHook?: (id: ServableId) => void;
}

/** A managed version. */
export interface ManagedServable {
  readonly id: ServableId;
  readonly state: LoaderHarnessState;
}

/** Decides nothing by itself. See {@link ServableState} for when it publishes what. */
export class BasicManager implements Manager {
  readonly #options: BasicManagerOptions;
  readonly #streams = new Map<string, Map<Version, LoaderHarness>>();
  readonly #servingMap = new ServingMap();
  /** @private The map behind {@link getServableHandle}, for a caller that uses it for every request. */
  readonly servables: Pick<ServingMap, 'getServableHandle'> = this.#servingMap;
  readonly #loads: PQueue;
  readonly #unloads: PQueue;
  readonly #reservations: ReservationQueue;
  /** Versions whose load is approved, or whose unload is requested, and not at its end. */
  readonly #moving = new Set<LoaderHarness>();
  /** Those among them that wait for the release of handles. */
  readonly #held = new Set<LoaderHarness>();

  /** @throws ServingError `INVALID_ARGUMENT` for limits that make no sense. */
  constructor(options: BasicManagerOptions) {
    this.#options = options;
    this.#loads = new PQueue({ concurrency: Math.max(options.numLoadThreads, 1) });
    this.#unloads = new PQueue({ concurrency: Math.max(options.numUnloadThreads, 1) });
    this.#reservations = new ReservationQueue({
      limits: options.resourceLimits ?? {},
      policy: options.insufficientResources ?? 'fail',
      activity: () => this.#activity(),
      makeRoom: options.makeRoom,
    });
  }

  getServableHandle(request: ServableRequest): ServableHandle {
    return this.#servingMap.getServableHandle(request);
  }

  listAvailableServableIds(): ServableId[] {
    return this.#servingMap.listAvailableServableIds();
  }

  /** A handle to every version that can be had right now, each to be released by the caller. */
  getAvailableServableHandles(): ServableHandle[] {
    return this.listAvailableServableIds().map((id) => this.#servingMap.getServableHandle(id));
  }

  /** How many handles to an available version are held; 0 for any other. */
  countHandles(id: ServableId): number {
    return this.#servingMap.countHandles(id);
  }

  /** What is held of the machine's memory, in bytes, and by whom. */
  get ram(): ResourceTracker['ram'] {
    return this.#reservations.tracker.ram;
  }

  /** The managed versions of a stream, in the order in which they were taken on. */
  getManagedServables(name: string): ManagedServable[] {
    return [...(this.#streams.get(name)?.values() ?? [])].map(({ id, state }) => ({ id, state }));
  }

  /** The state of a managed version; `undefined` for one that isn't managed. */
  getState(id: ServableId): LoaderHarnessState | undefined {
    return this.#find(id)?.state;
  }

  /** Every managed version, stream by stream. */
  listManagedServables(): ManagedServable[] {
    return [...this.#streams.keys()].flatMap((name) => this.getManagedServables(name));
  }

  /** Changes how many loads run at once, from now on; 0 means 1. */
  setNumLoadThreads(numLoadThreads: number): void {
    this.#loads.concurrency = Math.max(numLoadThreads, 1);
  }

  /**
   * Takes a version on; an item that carries an error ends at once with it.
   *
   * @throws ServingError `FAILED_PRECONDITION` for an id that is managed already, `INVALID_ARGUMENT` for a version that is
   * not an int64.
   */
  manageServable({ id: givenId, data, error }: ServableData<Loader>): void {
    const id = canonicalServableId(givenId);
    let versions = this.#streams.get(id.name);
    if (versions?.has(id.version)) {
      throw new ServingError('FAILED_PRECONDITION', `This servable is already being managed: ${formatServableId(id)}`);
    }
    if (!versions) {
      versions = new Map();
      this.#streams.set(id.name, versions);
    }
    const { clock, maxNumLoadRetries, loadRetryIntervalMs, shouldRetryModelLoad } = this.#options;
    const harness: LoaderHarness = new LoaderHarness(id, data ?? error, {
      clock,
      maxNumLoadRetries,
      loadRetryIntervalMs,
      shouldRetryModelLoad,
      runAttempt: (attempt) => this.#loads.add(() => this.#runAttempt(harness, attempt)),
      adjustResources: (estimate) => this.#adjust(id, estimate),
      onStateChanged: (state) => this.#follow(harness, state),
      // Its error is in the state that this publishes.
      onServableEnded: () => void this.unloadServable(id).catch(() => {}),
    });
    versions.set(id.version, harness);
    if (error) this.#publish(id, 'end', error);
    else this.#publish(id, 'start');
  }

  /**
   * Removes a version that is new, disabled or in error. One that was never loaded ends with it.
   *
   * @throws ServingError `NOT_FOUND` for an id that is not managed, `FAILED_PRECONDITION` in any other state.
   */
  stopManagingServable(givenId: ServableId): void {
    const { id, state } = this.#harness(givenId);
    const { kind } = state;
    if (kind !== 'new' && kind !== 'disabled' && kind !== 'error') {
      throw new ServingError('FAILED_PRECONDITION', `${formatServableId(id)} can't be forgotten in state ${kind}`);
    }
    const versions = this.#streams.get(id.name);
    versions?.delete(id.version);
    if (versions?.size === 0) this.#streams.delete(id.name);
    if (kind === 'new') this.#publish(id, 'end');
  }

  /**
   * Gets the loader's estimate, reserves it, loads, and resolves when handles are available. The first step, to
   * `load-requested`, happens before the call returns. A load that does not fit waits for the loads and unloads in flight; then
   * `insufficientResources` decides. While it waits for handles, or by that decision, its state has the error.
   *
   * @throws ServingError `NOT_FOUND` for an id that is not managed, `FAILED_PRECONDITION` at a second call, the
   * version's own error when its load fails or has failed, `RESOURCE_EXHAUSTED` that names who holds what it lacks,
   * `CANCELLED` when it was cancelled.
   */
  async loadServable(id: ServableId): Promise<void> {
    const harness = this.#harness(id);
    harness.loadRequested();
    await this.#approveLoad(harness);
    await harness.load();
  }

  /** Ends the wait before a retry of this load, if there is one, and grants it all its retries again. */
  retryLoadNow(id: ServableId): void {
    this.#find(id)?.retryNow();
  }

  /** No further attempt to load this version is made. Does nothing once it is loaded, or for an id that is not managed. */
  cancelLoadRetry(id: ServableId): void {
    this.#find(id)?.cancelLoadRetry();
  }

  /**
   * Resolves when the last handle has been released and the version is unloaded. No new handles are given from the moment
   * the call returns.
   *
   * @throws ServingError `NOT_FOUND` for an id that is not managed, `FAILED_PRECONDITION` when it is not loaded,
   * the loader's error.
   */
  async unloadServable(givenId: ServableId): Promise<void> {
    const harness = this.#harness(givenId);
    const { id } = harness;
    harness.unloadRequested();
    harness.startQuiescing();
    if (this.countHandles(id) > 0) this.#held.add(harness);
    await this.#servingMap.remove(id);
    this.#held.delete(harness);
    harness.doneQuiescing();
    await this.#unloads.add(() => harness.unload());
  }

  async #approveLoad(harness: LoaderHarness): Promise<void> {
    const { id, cancellation } = harness;
    const estimate = await harness.estimateResources();
    try {
      await this.#reservations.reserve({
        id,
        estimate,
        signal: cancellation,
        onReserved: () => harness.loadApproved(),
        onDelayed: (error) => harness.delayed(error),
      });
    } catch (reason) {
      throw harness.error(ServingError.from(reason));
    }
  }

  #adjust(id: ServableId, estimate: ResourceEstimate): void {
    const shortage = this.#reservations.tracker.tryToAdjust(id, estimate);
    if (shortage) throw insufficientResources(id, shortage);
  }

  async #runAttempt(harness: LoaderHarness, attempt: () => Promise<void>): Promise<void> {
    const { id, state, cancellation } = harness;
    const isFirst = state.kind === 'loading' && !state.lastError;
    if (isFirst && !cancellation.aborted) {
      this.#publish(id, 'loading');
      this.#options.preLoadHook?.(id);
    }
    await attempt();
  }

  #activity(): Activity {
    if (this.#moving.size === 0) return 'none';
    return this.#moving.size === this.#held.size ? 'waiting for handles' : 'working';
  }

  /** Keeps the serving map and what is published in step with the harness. */
  #follow(harness: LoaderHarness, state: LoaderHarnessState): void {
    const { id } = harness;
    switch (state.kind) {
      case 'load-requested':
      case 'loading':
        if (state.lastError) this.#publish(id, 'loading', state.lastError);
        return;
      case 'load-approved':
        this.#moving.add(harness);
        return;
      case 'ready':
        this.#moving.delete(harness);
        this.#servingMap.add(id, state.servable);
        this.#publish(id, 'available', undefined, harness.engine);
        this.#reservations.review();
        return;
      case 'unload-requested':
        this.#moving.add(harness);
        this.#publish(id, 'unloading');
        return;
      case 'disabled':
      case 'error':
        this.#moving.delete(harness);
        this.#publish(id, 'end', state.error);
        this.#reservations.release(id);
        return;
      case 'new':
      case 'quiescing':
      case 'quiesced':
      case 'unloading':
    }
  }

  #harness(id: ServableId): LoaderHarness {
    const harness = this.#find(id);
    if (harness) return harness;
    throw new ServingError('NOT_FOUND', `This servable is not being managed by the manager: ${formatServableId(id)}`);
  }

  #find({ name, version }: ServableId): LoaderHarness | undefined {
    return this.#streams.get(name)?.get(toVersion(version) ?? version);
  }

  #publish(id: ServableId, managerState: ManagerState, error?: ServingError, engine?: string): void {
    this.#options.publish({ id, managerState, ...(error && { error }), ...(engine !== undefined && { engine }) });
  }
}
