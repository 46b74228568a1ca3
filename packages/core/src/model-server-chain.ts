/** Source → router by platform → one adapter per platform → manager, put together from a configuration. */
import { availableParallelism } from 'node:os';
import type { ValidModelServerConfig } from './config/model-server-config.js';
import type { Loader } from './loader/loader.js';
import { AspiredVersionsManager } from './manager/aspired-versions-manager.js';
import type { Platform } from './platform.js';
import type { ServableState } from './servable/servable-state.js';
import { ServingError } from './serving-error.js';
import { ErrorInjectingSourceAdapter } from './source/error-injecting-source-adapter.js';
import { FileSystemStoragePathSource, type PollOutcome } from './source/file-system-storage-path-source.js';
import { localStorage } from './source/local-storage.js';
import { connectSourceToTarget } from './source/source.js';
import type { SourceAdapter } from './source/source-adapter.js';
import { SourceRouter } from './source/source-router.js';
import type { StoragePath } from './source/storage-path.js';

/** What the chain tells while it lives. */
export interface ModelServerChainObserver {
  readonly publish: (state: ServableState) => void;
  readonly onError: (error: ServingError) => void;
  readonly onPolled: (model: string, outcome: PollOutcome) => void;
}

/** Nothing moves before {@link ModelServerChain.start}. */
export class ModelServerChain {
  readonly manager: AspiredVersionsManager;
  readonly #config: ValidModelServerConfig;
  readonly #source: FileSystemStoragePathSource;
  readonly #router: SourceRouter<StoragePath>;
  readonly #onError: (error: ServingError) => void;

  constructor(config: ValidModelServerConfig, observer: ModelServerChainObserver) {
    this.#config = config;
    this.#onError = observer.onError;
    this.manager = new AspiredVersionsManager({ ...config, publish: observer.publish, onError: observer.onError });
    this.#source = new FileSystemStoragePathSource({
      servables: config.models.map(({ name, basePath, versionPolicy }) => ({
        servableName: name,
        basePath,
        versionPolicy,
      })),
      storage: localStorage,
      clock: config.clock,
      fileSystemPollWaitSeconds: config.fileSystemPollWaitSeconds,
      onPolled: observer.onPolled,
    });
    const platformNames = [...config.platforms.keys()];
    const ports = new Map(config.models.map(({ name, platform }) => [name, platformNames.indexOf(platform)]));
    const lastPort = platformNames.length;
    this.#router = new SourceRouter(lastPort + 1, (name) => ports.get(name) ?? lastPort);
    const adapters = [...config.platforms].map(([name, platform]) => createAdapter(name, platform));
    adapters.push(new ErrorInjectingSourceAdapter(new ServingError('INTERNAL', 'No platform found for model')));
    for (const [port, adapter] of adapters.entries()) {
      connectSourceToTarget(adapter, this.manager);
      connectSourceToTarget(this.#router.outputs[port]!, adapter);
    }
  }

  /**
   * Resolves when every model had its first outcome: each version that its base path holds is available or has failed
   * to load (once: retries may go on), or there is none, or the base path can't be read. Until then more loads run at once.
   */
  async start(): Promise<void> {
    const { models, fileSystemPollWaitSeconds, numLoadThreads } = this.#config;
    this.manager.setNumLoadThreads(Math.max(numLoadThreads, 4 * availableParallelism()));
    connectSourceToTarget(this.#source, this.#router);
    if (fileSystemPollWaitSeconds >= 0) await this.#source.poll();
    await Promise.all(models.map(({ name }) => this.manager.waitUntilSettled(name)));
    this.manager.setNumLoadThreads(numLoadThreads);
  }

  /** Stops polling, unloads every version when its handles are released, and closes the platforms. */
  async close(): Promise<void> {
    await this.#source.close();
    await this.manager.close();
    for (const platform of new Set(this.#config.platforms.values())) {
      try {
        await platform.close?.();
      } catch (error) {
        this.#onError(ServingError.from(error, 'INTERNAL').prefixed('Failed to close a platform: '));
      }
    }
  }
}

function createAdapter(name: string, platform: Platform): SourceAdapter<StoragePath, Loader> {
  try {
    return platform.createSourceAdapter();
  } catch (error) {
    throw ServingError.from(error, 'INTERNAL').prefixed(`Platform ${name} made no source adapter: `);
  }
}
