/** Loads and unloads single versions when told to, and hands them out (TensorFlow Serving's `core/basic_manager.h`). */
import PQueue from 'p-queue';
import type { Clock } from '../clock.js';
import type { Loader } from '../loader/loader.js';
import { LoaderHarness, type LoaderHarnessState } from '../loader/loader-harness.js';
import type { ServableData } from '../servable/servable-data.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { formatServableId, type ServableId } from '../servable/servable-id.js';
import type { ServableRequest } from '../servable/servable-request.js';
import type { ManagerState, ServableState } from '../servable/servable-state.js';
import { ServingError } from '../serving-error.js';
import type { Manager } from './manager.js';
import { ServingMap } from './serving-map.js';

export interface BasicManagerOptions {
  readonly clock: Clock;
  /** Told of every change of state, synchronously and in order. */
  readonly publish: (state: ServableState) => void;
  /** Loads that run at once. A load that waits for a retry is not counted. */
  readonly numLoadThreads: number;
  /** Unloads that run at once. One that waits for handles is not counted. */
  readonly numUnloadThreads: number;
  readonly maxNumLoadRetries: number;
  readonly loadRetryIntervalMs: number;
}

/** A managed version. */
export interface ManagedServable {
  readonly id: ServableId;
  readonly state: LoaderHarnessState;
}

/** Decides nothing by itself. See {@link ServableState} for when it publishes what. */
export class BasicManager implements Manager {
  readonly #options: BasicManagerOptions;
  readonly #streams = new Map<string, Map<number, LoaderHarness>>();
  readonly #servingMap = new ServingMap();
  readonly #loads: PQueue;
  readonly #unloads: PQueue;

  constructor(options: BasicManagerOptions) {
    this.#options = options;
    this.#loads = new PQueue({ concurrency: options.numLoadThreads });
    this.#unloads = new PQueue({ concurrency: options.numUnloadThreads });
  }

  getServableHandle(request: ServableRequest): ServableHandle {
    return this.#servingMap.getServableHandle(request);
  }

  listAvailableServableIds(): ServableId[] {
    return this.#servingMap.listAvailableServableIds();
  }

  /** The managed versions of a stream, in the order in which they were taken on. */
  getManagedServables(name: string): ManagedServable[] {
    return [...(this.#streams.get(name)?.values() ?? [])].map(({ id, state }) => ({ id, state }));
  }

  /** Every managed version, stream by stream. */
  listManagedServables(): ManagedServable[] {
    return [...this.#streams.keys()].flatMap((name) => this.getManagedServables(name));
  }

  /** Changes how many loads run at once, from now on. */
  setNumLoadThreads(numLoadThreads: number): void {
    this.#loads.concurrency = numLoadThreads;
  }

  /**
   * Takes a version on; an item that carries an error ends at once with it.
   *
   * @throws ServingError `FAILED_PRECONDITION` for an id that is managed already.
   */
  manageServable({ id, data, error }: ServableData<Loader>): void {
    let versions = this.#streams.get(id.name);
    if (versions?.has(id.version)) {
      throw new ServingError('FAILED_PRECONDITION', `This servable is already being managed: ${formatServableId(id)}`);
    }
    if (!versions) {
      versions = new Map();
      this.#streams.set(id.name, versions);
    }
    const { clock, maxNumLoadRetries, loadRetryIntervalMs } = this.#options;
    const harness = new LoaderHarness(id, data ?? error, {
      clock,
      maxNumLoadRetries,
      loadRetryIntervalMs,
      runAttempt: (attempt) => this.#loads.add(() => this.#runAttempt(harness, attempt)),
      onStateChanged: (state) => this.#follow(harness, state),
    });
    versions.set(id.version, harness);
    if (error) this.#publish(id, 'end', error);
    else this.#publish(id, 'start');
  }

  /**
   * Forgets a version that is new, disabled or in error. One that was never loaded ends with it.
   *
   * @throws ServingError `NOT_FOUND` for an id that is not managed, `FAILED_PRECONDITION` in any other state.
   */
  stopManagingServable(id: ServableId): void {
    const { kind } = this.#harness(id).state;
    if (kind !== 'new' && kind !== 'disabled' && kind !== 'error') {
      throw new ServingError('FAILED_PRECONDITION', `${formatServableId(id)} can't be forgotten in state ${kind}`);
    }
    const versions = this.#streams.get(id.name);
    versions?.delete(id.version);
    if (versions?.size === 0) this.#streams.delete(id.name);
    if (kind === 'new') this.#publish(id, 'end');
  }

  /**
   * Resolves when handles can be had. Its first step, to `load-requested`, is taken before the call returns.
   *
   * @throws ServingError `NOT_FOUND` for an id that is not managed, `FAILED_PRECONDITION` when it was asked before, the
   * version's own error when its load fails or has failed, `CANCELLED` when it was cancelled.
   */
  async loadServable(id: ServableId): Promise<void> {
    const harness = this.#harness(id);
    harness.loadRequested();
    await this.#approveLoad(harness);
    await harness.load();
  }

  /** No further attempt to load this version is made. Does nothing once it is loaded, or for an id that is not managed. */
  cancelLoadRetry(id: ServableId): void {
    this.#streams.get(id.name)?.get(id.version)?.cancelLoadRetry();
  }

  /**
   * Resolves when the last handle has been released and the version is unloaded. New handles can't be had as soon as
   * the call returns.
   *
   * @throws ServingError `NOT_FOUND` for an id that is not managed, `FAILED_PRECONDITION` when it is not loaded,
   * the loader's error.
   */
  async unloadServable(id: ServableId): Promise<void> {
    const harness = this.#harness(id);
    harness.unloadRequested();
    harness.startQuiescing();
    await this.#servingMap.remove(id);
    harness.doneQuiescing();
    await this.#unloads.add(() => harness.unload());
  }

  async #approveLoad(harness: LoaderHarness): Promise<void> {
    try {
      await harness.estimateResources();
    } catch (reason) {
      throw harness.error(
        ServingError.from(reason).prefixed(
          `Error while attempting to reserve resources to load servable ${formatServableId(harness.id)}: `,
        ),
      );
    }
    harness.loadApproved();
  }

  #runAttempt(harness: LoaderHarness, attempt: () => Promise<void>): Promise<void> {
    const { state } = harness;
    const isFirst = state.kind === 'loading' && !state.lastError;
    if (isFirst && !harness.isLoadRetryCancelled) this.#publish(harness.id, 'loading');
    return attempt();
  }

  /** Keeps the serving map and what is published in step with the harness. */
  #follow(harness: LoaderHarness, state: LoaderHarnessState): void {
    const { id } = harness;
    switch (state.kind) {
      case 'loading':
        if (state.lastError) this.#publish(id, 'loading', state.lastError);
        return;
      case 'ready':
        this.#servingMap.add(id, state.servable);
        this.#publish(id, 'available');
        return;
      case 'unload-requested':
        this.#publish(id, 'unloading');
        return;
      case 'disabled':
      case 'error':
        this.#publish(id, 'end', state.error);
        return;
      case 'new':
      case 'load-requested':
      case 'load-approved':
      case 'quiescing':
      case 'quiesced':
      case 'unloading':
    }
  }

  #harness(id: ServableId): LoaderHarness {
    const harness = this.#streams.get(id.name)?.get(id.version);
    if (harness) return harness;
    throw new ServingError('NOT_FOUND', `This servable is not being managed by the manager: ${formatServableId(id)}`);
  }

  #publish(id: ServableId, managerState: ManagerState, error?: ServingError | undefined): void {
    this.#options.publish(error ? { id, managerState, error } : { id, managerState });
  }
}
