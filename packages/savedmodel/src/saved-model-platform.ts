/** SavedModels as a platform of a ModelServer. */
import type { Loader, Platform, PlatformContext, StoragePath } from '@serving/core/extend';
import { type SourceAdapter, UnarySourceAdapter } from '@serving/core/lifecycle';
import { createEngine, type EngineName, type SavedModelRuntime, type SessionOptions } from '@serving/engine';
import { SavedModelLoader } from './saved-model-loader.js';
import { checkSavedModelOptions, type SavedModelOptions } from './saved-model-options.js';

/**
 * The platform that serves SavedModels. One may be given to several servers: the engines that it made itself are closed
 * with the last of them. What differs for one model is in its `options`.
 *
 * @example
 * ```ts
 * const server = await ModelServer.start({
 *   models: [{ name: 'digits', basePath: './models/digits' }],
 *   platforms: { tensorflow: savedModelPlatform() },
 * });
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for an unknown option or a value of another kind.
 */
export function savedModelPlatform(options: SavedModelOptions = {}): Platform {
  return new SavedModelPlatform(options);
}

class SavedModelPlatform implements Platform {
  readonly #options: SavedModelOptions;
  readonly #madeEngines = new Map<EngineName, Promise<SavedModelRuntime>>();
  #users = 0;

  constructor(options: SavedModelOptions) {
    checkSavedModelOptions(options, 'savedModelPlatform()');
    this.#options = options;
    if (typeof options.engine === 'object') options.engine.configure?.(sessionOptions(options));
  }

  createSourceAdapter({ modelOptions }: PlatformContext): SourceAdapter<StoragePath, Loader> {
    this.#users++;
    return new UnarySourceAdapter((directory, { id }) => {
      const options: SavedModelOptions = { ...this.#options, ...modelOptions(id.name) };
      const { engine = 'tensorflow' } = options;
      return new SavedModelLoader(directory, {
        ...options,
        session: sessionOptions(options),
        runtime: async () => (typeof engine === 'object' ? engine : this.#namedEngine(engine)),
      });
    });
  }

  checkModelOptions(options: object): void {
    checkSavedModelOptions(options, 'a SavedModel');
  }

  async close(): Promise<void> {
    this.#users--;
    if (this.#users > 0) return;
    const engines = [...this.#madeEngines.values()];
    this.#madeEngines.clear();
    // One that could not be made failed its load, and there is nothing to close.
    for (const engine of engines) await (await engine.catch(() => undefined))?.close?.();
  }

  /** The platform's own engine where that has the name. */
  async #namedEngine(name: EngineName): Promise<SavedModelRuntime> {
    const { engine } = this.#options;
    if (typeof engine === 'object' && engine.name === name) return engine;
    const made = this.#madeEngines.get(name) ?? makeEngine(name);
    this.#madeEngines.set(name, made);
    try {
      return await made;
    } catch (error) {
      // A later load may find what is missing now.
      if (this.#madeEngines.get(name) === made) this.#madeEngines.delete(name);
      throw error;
    }
  }
}

function sessionOptions({ intraOpThreads, interOpThreads, configProto }: SavedModelOptions): SessionOptions {
  return {
    ...(intraOpThreads !== undefined && { intraOpThreads }),
    ...(interOpThreads !== undefined && { interOpThreads }),
    ...(configProto !== undefined && { configProto }),
  };
}

/** The default engine is a dependency of this package; another is the application's. */
async function makeEngine(name: EngineName): Promise<SavedModelRuntime> {
  if (name !== 'tensorflow') return createEngine(name, { origin: import.meta.url });
  const { tensorflowRuntime } = await import('@serving/runtime-tensorflow');
  return tensorflowRuntime();
}
