/** SavedModels as a platform of a ModelServer. */
import type { Loader, Platform, SourceAdapter, StoragePath } from '@serving/core';
import { createEngine, type EngineName, type SavedModelRuntime, type SessionOptions } from '@serving/engine';
import type { EmptyRequestsRule } from './empty-requests.js';
import { SavedModelBundleSourceAdapter } from './saved-model-bundle-source-adapter.js';
import type { WarmupOptions } from './warmup/saved-model-warmup.js';

/** How SavedModels are loaded and run. All have defaults. */
export interface SavedModelPlatformOptions {
  /**
   * What runs the models: the name of an engine, which is made at the first load and closed with the platform, or an engine, which
   * stays its owner's. Default: `tensorflow`.
   */
  readonly engine?: EngineName | SavedModelRuntime;
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
  #ownEngine: Promise<SavedModelRuntime> | undefined;

  constructor(options: SavedModelPlatformOptions) {
    this.#options = options;
    if (typeof options.engine === 'object') options.engine.configure?.(options.session ?? {});
  }

  createSourceAdapter(): SourceAdapter<StoragePath, Loader> {
    this.#users++;
    return new SavedModelBundleSourceAdapter({ ...this.#options, runtime: () => this.#runtime() });
  }

  async close(): Promise<void> {
    this.#users--;
    if (this.#users > 0) return;
    const ownEngine = this.#ownEngine;
    this.#ownEngine = undefined;
    // One that could not be made failed its load, and there is nothing to close.
    await (await ownEngine?.catch(() => undefined))?.close?.();
  }

  async #runtime(): Promise<SavedModelRuntime> {
    const { engine = 'tensorflow' } = this.#options;
    if (typeof engine === 'object') return engine;
    const made = this.#ownEngine ?? namedEngine(engine);
    this.#ownEngine = made;
    try {
      return await made;
    } catch (error) {
      // A later load may find what is missing now.
      if (this.#ownEngine === made) this.#ownEngine = undefined;
      throw error;
    }
  }
}

/** The default engine is a dependency of this package; another is the application's. */
async function namedEngine(name: EngineName): Promise<SavedModelRuntime> {
  if (name !== 'tensorflow') return createEngine(name, { origin: import.meta.url });
  const { tensorflowRuntime } = await import('@serving/runtime-tensorflow');
  return tensorflowRuntime();
}
