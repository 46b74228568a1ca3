/** Puts the threads that serve a version between its loader and the manager. */
import type { ModelBatchingOptions } from '../../batching/batching-options.js';
import type { LoadContext, Loader, ResourceEstimate } from '../../loader/loader.js';
import { ServingError } from '../../serving-error.js';
import type { VersionLeases } from './version-leases.js';

/** A loader whose version is loaded once every serving thread has opened it, and unloaded once every one has closed it. */
export class LeasedLoader implements Loader {
  readonly path?: string;
  readonly #loader: Loader;
  readonly #leases: VersionLeases;
  readonly #batching: ModelBatchingOptions | undefined;
  #lease: number | undefined;

  /** @param batching how threads batch the version's requests */
  constructor(loader: Loader, leases: VersionLeases, batching: ModelBatchingOptions | undefined) {
    this.#loader = loader;
    if (loader.path !== undefined) this.path = loader.path;
    this.#leases = leases;
    this.#batching = batching;
  }

  get engine(): string | undefined {
    return this.#loader.engine;
  }

  estimateResources(): Promise<ResourceEstimate> {
    return this.#loader.estimateResources();
  }

  async load(context: LoadContext): Promise<void> {
    const loader = this.#loader;
    await loader.load(context);
    try {
      this.#lease = await this.#leases.grant({
        id: context.id,
        engine: loader.engine,
        batching: this.#batching,
        share: () => loader.share?.(),
      });
    } catch (error) {
      await loader.unload();
      throw ServingError.from(error);
    }
  }

  getServable(): unknown {
    return this.#loader.getServable();
  }

  async unload(): Promise<void> {
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease !== undefined) await this.#leases.revoke(lease);
    await this.#loader.unload();
  }
}
