/** Source → router by platform → one adapter per platform → batching → manager, put together from a configuration. */
import { availableParallelism } from 'node:os';
import { BatchingLoader } from '../batching/batching-loader.js';
import type { BatchingSessionTask } from '../batching/batching-session-task.js';
import { SharedBatchScheduler } from '../batching/scheduler/shared-batch-scheduler.js';
import type { Loader } from '../loader/loader.js';
import type { Platform } from '../loader/platform.js';
import { AspiredVersionsManager } from '../manager/aspired-versions-manager.js';
import type { BufferPool } from '../memory/buffer-pool.js';
import type { ServableState } from '../servable/servable-state.js';
import { ServingError } from '../serving-error.js';
import { FileSystemStoragePathSource, type PollOutcome } from '../source/file-system-storage-path-source.js';
import { connectSourceToTarget } from '../source/source.js';
import { type SourceAdapter, UnarySourceAdapter } from '../source/source-adapter.js';
import { SourceRouter } from '../source/source-router.js';
import type { StoragePath } from '../source/storage-path.js';
import { LeasedLoader } from '../threads/main/leased-loader.js';
import type { VersionLeases } from '../threads/main/version-leases.js';
import type { ValidModelConfig } from './config/model-config.js';
import type { ValidModelServerConfig } from './config/model-server-config.js';

/** Listeners of the chain. */
export interface ModelServerChainObserver {
  readonly publish: (state: ServableState) => void;
  readonly onError: (error: ServingError) => void;
  readonly onPolled: (model: string, outcome: PollOutcome) => void;
}

/** Nothing moves before {@link ModelServerChain.start}. */
export class ModelServerChain {
  readonly manager: AspiredVersionsManager;
  readonly #config: ValidModelServerConfig;
  readonly #buffers: BufferPool;
  readonly #leases: VersionLeases;
  readonly #source: FileSystemStoragePathSource;
  readonly #router: SourceRouter<StoragePath>;
  readonly #onError: (error: ServingError) => void;
  /** The port of each model's platform. */
  readonly #routes = new Map<string, number>();
  readonly #batching = new Map<string, ValidModelConfig['batching']>();
  readonly #options = new Map<string, object | undefined>();
  readonly #scheduler: SharedBatchScheduler<BatchingSessionTask>;

  /** @param leases by which serving threads use versions */
  constructor(
    config: ValidModelServerConfig,
    buffers: BufferPool,
    leases: VersionLeases,
    observer: ModelServerChainObserver,
  ) {
    this.#config = config;
    this.#buffers = buffers;
    this.#leases = leases;
    this.#onError = observer.onError;
    this.manager = new AspiredVersionsManager({ ...config, publish: observer.publish, onError: observer.onError });
    this.#source = new FileSystemStoragePathSource({
      ...config,
      servables: [],
      hasFailed: (id) => this.manager.hasFailed(id),
      onPolled: observer.onPolled,
    });
    this.#scheduler = new SharedBatchScheduler(config.batching ?? {}, {
      clock: config.clock,
      onError: observer.onError,
    });
    const lastPort = config.platforms.size;
    this.#router = new SourceRouter(lastPort + 1, (name) => this.#routes.get(name) ?? lastPort);
    const adapters = [...config.platforms].map(([name, platform]) => createAdapter(name, platform, this.#options));
    adapters.push(new UnarySourceAdapter(rejectPath));
    const batching = new UnarySourceAdapter((loader: Loader, { id }) => this.#batched(loader, id.name));
    connectSourceToTarget(batching, this.manager);
    for (const [port, adapter] of adapters.entries()) {
      connectSourceToTarget(adapter, batching);
      connectSourceToTarget(this.#router.outputs[port]!, adapter);
    }
  }

  /**
   * Resolves after the first poll of each base path. Until {@link endStart} more loads run at once.
   *
   * @throws ServingError `NOT_FOUND` for a model without versions, where the options insist on
   * some.
   */
  async start(models: readonly ValidModelConfig[]): Promise<void> {
    this.update(models);
    const { failIfNoModelVersionsFound, servableVersionsAlwaysPresent } = this.#config;
    if (failIfNoModelVersionsFound || servableVersionsAlwaysPresent) await this.#source.checkVersionsPresent();
    this.manager.setNumLoadThreads(Math.max(this.#config.numLoadThreads, 4 * availableParallelism()));
    connectSourceToTarget(this.#source, this.#router);
    await this.look(models.map(({ name }) => name));
  }

  /** To be called when the first loads are done. */
  endStart(): void {
    this.manager.setNumLoadThreads(this.#config.numLoadThreads);
  }

  /** From now on these are the models: others are unloaded at once, new and changed ones wait for a poll. */
  update(models: readonly ValidModelConfig[]): void {
    const platformNames = [...this.#config.platforms.keys()];
    for (const { name, platform, batching, options } of models) {
      this.#routes.set(name, platformNames.indexOf(platform));
      this.#batching.set(name, batching);
      this.#options.set(name, options);
    }
    this.#source.updateServables(
      models.map(({ name, basePath, versionPolicy, unversionedBasePath }) => ({
        servableName: name,
        basePath,
        versionPolicy,
        unversionedBasePath,
      })),
    );
    // The empty set that unloads a model takes the old route.
    const listed = new Set(models.map(({ name }) => name));
    for (const name of this.#routes.keys()) {
      if (listed.has(name)) continue;
      this.#routes.delete(name);
      this.#batching.delete(name);
      this.#options.delete(name);
    }
  }

  /**
   * Polls the base paths of some models now, unless they are polled on demand only. Resolves when their versions are
   * aspired.
   */
  async look(models: readonly string[]): Promise<void> {
    if (this.#config.pollIntervalMs !== false) await this.poll(models);
  }

  /** {@link look}, on demand. */
  poll(models: readonly string[]): Promise<void> {
    return this.#source.poll(models);
  }

  /** A version is batched by its model's options at the time that it is found. */
  #batched(loader: Loader, model: string): Loader {
    const ofServer = this.#config.batching;
    const batching = this.#batching.get(model) ?? (ofServer && {});
    const leased = new LeasedLoader(loader, this.#leases, batching || undefined);
    if (!batching) return leased;
    return new BatchingLoader(leased, {
      scheduler: this.#scheduler,
      batching,
      buffers: this.#buffers,
    });
  }

  /** Stops polling, unloads every version when its handles are released, and closes the platforms. */
  async close(): Promise<void> {
    // The result of a poll in flight is ignored, and storage may hang.
    void this.#source.close();
    // No request comes any more that a batch could wait for.
    await Promise.all([this.#scheduler.close(), this.manager.close()]);
    for (const platform of new Set(this.#config.platforms.values())) {
      try {
        await platform.close?.();
      } catch (error) {
        this.#onError(ServingError.from(error, 'INTERNAL').prefixed('Failed to close a platform: '));
      }
    }
  }
}

function rejectPath(): never {
  throw new ServingError('INTERNAL', 'No platform found for model');
}

function createAdapter(
  name: string,
  platform: Platform,
  options: ReadonlyMap<string, object | undefined>,
): SourceAdapter<StoragePath, Loader> {
  try {
    return platform.createSourceAdapter({ modelOptions: (model) => options.get(model) });
  } catch (error) {
    throw ServingError.from(error, 'INTERNAL').prefixed(`Platform ${name} made no source adapter: `);
  }
}
