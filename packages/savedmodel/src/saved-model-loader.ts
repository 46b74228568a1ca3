/** Loads and unloads one version of a SavedModel. */
import { type ServableId, ServingError } from '@serving/core';
import type { LoadContext, Loader, ResourceEstimate, StoragePath } from '@serving/core/extend';
import type { SavedModelRuntime, SessionOptions } from '@serving/engine';
import { checkVariables, readMetaGraphWithGraph } from '@serving/protos/saved-model';
import { DEFAULT_TAGS, SavedModelServable, type SavedModelServableOptions } from './saved-model-servable.js';
import { observedWarmUp } from './warmup/observed-warm-up.js';
import type { WarmupOptions } from './warmup/saved-model-warmup.js';

/** How SavedModels are loaded; the same for every model of a platform. */
export interface SavedModelLoaderOptions extends SavedModelServableOptions {
  /** Asked at each load. May reject, which fails that load. */
  readonly runtime: () => Promise<SavedModelRuntime>;
  readonly session?: SessionOptions;
  /** How a version is warmed up at the end of its load, or `false` for not at all. Default: by its own record file. */
  readonly warmup?: WarmupOptions | false;
}

/**
 * Reads the signatures itself and leaves the graph to the runtime; a folder without a fitting meta graph
 * or without its variables fails before the runtime is asked. A load ends with the version's warm-up, whose failure is the load's. A load error names model, version and folder, with the reason's code and text.
 */
export class SavedModelLoader implements Loader {
  /** The version's folder. */
  readonly path: StoragePath;
  readonly #options: SavedModelLoaderOptions;
  #servable: SavedModelServable | undefined;

  constructor(directory: StoragePath, options: SavedModelLoaderOptions) {
    this.path = directory;
    this.#options = options;
  }

  async estimateResources(): Promise<ResourceEstimate> {
    const runtime = await this.#options.runtime();
    return { ramBytes: await runtime.estimateBytes(this.path) };
  }

  async load({ id, signal }: LoadContext): Promise<void> {
    try {
      this.#servable = await this.#loadServable(id, signal);
    } catch (error) {
      const place = `Loading model ${id.name} version ${id.version} from ${this.path} failed: `;
      throw ServingError.from(error).prefixed(place);
    }
  }

  get engine(): string | undefined {
    return this.#servable?.engine;
  }

  getServable(): SavedModelServable {
    if (!this.#servable) throw new ServingError('FAILED_PRECONDITION', `${this.path} is not loaded`);
    return this.#servable;
  }

  async unload(): Promise<void> {
    const servable = this.#servable;
    this.#servable = undefined;
    await servable?.close();
  }

  async #loadServable(id: ServableId, signal: AbortSignal): Promise<SavedModelServable> {
    const tags = this.#options.tags ?? DEFAULT_TAGS;
    const { metaGraph, graph } = await readMetaGraphWithGraph(this.path, tags);
    await checkVariables(this.path, metaGraph);
    signal.throwIfAborted();
    const runtime = await this.#options.runtime();
    signal.throwIfAborted();
    const session = await runtime.load(this.path, tags, this.#options.session ?? {});
    try {
      signal.throwIfAborted();
      const servable = new SavedModelServable(session, metaGraph.signatureDefs, {
        ...this.#options,
        graph,
        model: id.name,
        engine: session.engine ?? runtime.name,
      });
      const { warmup } = this.#options;
      if (warmup !== false) await observedWarmUp(this.path, { id, servable, signal }, warmup);
      return servable;
    } catch (error) {
      await session.close();
      throw error;
    }
  }
}
