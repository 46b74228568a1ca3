/** SavedModels as a platform of a ModelServer. */
import type { Loader, Platform, SourceAdapter, StoragePath } from '@serving/core';
import type { EmptyRequestsRule } from './empty-requests.js';
import type { SavedModelRuntime, SessionOptions } from './runtime/saved-model-runtime.js';
import { type RuntimeName, selectRuntime } from './runtime/select-runtime.js';
import { SavedModelBundleSourceAdapter } from './saved-model-bundle-source-adapter.js';
import type { WarmupOptions } from './warmup/saved-model-warmup.js';

/** How SavedModels are loaded and run. All have defaults. */
export interface SavedModelPlatformOptions {
  /**
   * What executes the graphs: a runtime, which stays its owner's, or a name. Default: the installed one, made at the
   * first load and closed with the platform.
   */
  readonly runtime?: SavedModelRuntime | RuntimeName;
  /** The tags of the meta graph to load. Default `serve`. */
  readonly tags?: readonly string[];
  /** Threads and other settings of the models' sessions. TensorFlow's threads are the process's. */
  readonly session?: SessionOptions;
  /**
   * Refuse signatures whose method name is none of predict, classify and regress, and to Classify and Regress those whose
   * method name isn't theirs. Default false.
   */
  readonly enableSignatureMethodNameCheck?: boolean;
  /**
   * Which requests without rows (inputs of shape `[0, …]`) are run with one row of zeros, which is cut off again, where every input
   * and output has a free first dimension and the signature has no stateful operation: all of them, or those that TensorFlow itself answers in a
   * wrong shape (`where-needed`). Default `always`.
   */
  readonly padEmptyRequests?: EmptyRequestsRule;
  /**
   * How a version is warmed up before it becomes available, or `false` for not at all. Default: the requests of its
   * `assets.extra/tf_serving_warmup_requests`, once each. A request that fails fails the load.
   */
  readonly warmup?: WarmupOptions | false;
}

/**
 * The platform that serves SavedModels. One may be given to several servers: a runtime that it made itself is closed
 * with the last of them.
 *
 * @example
 * ```ts
 * const server = await ModelServer.start({
 *   models: [{ name: 'digits', basePath: './models/digits' }],
 *   platforms: { tensorflow: savedModelPlatform() },
 * });
 * ```
 */
export function savedModelPlatform(options: SavedModelPlatformOptions = {}): Platform {
  return new SavedModelPlatform(options);
}

class SavedModelPlatform implements Platform {
  readonly #options: SavedModelPlatformOptions;
  #users = 0;
  #ownRuntime: Promise<SavedModelRuntime> | undefined;

  constructor(options: SavedModelPlatformOptions) {
    this.#options = options;
    if (typeof options.runtime === 'object') options.runtime.configure?.(options.session ?? {});
  }

  createSourceAdapter(): SourceAdapter<StoragePath, Loader> {
    this.#users++;
    return new SavedModelBundleSourceAdapter({ ...this.#options, runtime: () => this.#runtime() });
  }

  async close(): Promise<void> {
    this.#users--;
    if (this.#users > 0) return;
    const ownRuntime = this.#ownRuntime;
    this.#ownRuntime = undefined;
    // One that could not be made failed its load, and there is nothing to close.
    await (await ownRuntime?.catch(() => undefined))?.close?.();
  }

  async #runtime(): Promise<SavedModelRuntime> {
    const { runtime } = this.#options;
    if (typeof runtime === 'object') return runtime;
    const selection = this.#ownRuntime ?? selectRuntime(runtime);
    this.#ownRuntime = selection;
    try {
      return await selection;
    } catch (error) {
      // A later load may find what is missing now.
      if (this.#ownRuntime === selection) this.#ownRuntime = undefined;
      throw error;
    }
  }
}
