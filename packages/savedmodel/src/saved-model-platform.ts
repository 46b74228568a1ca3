/** SavedModels as a platform of a ModelServer. */
import type { Loader, Platform, PlatformContext, StoragePath } from '@serving/core/extend';
import { type SourceAdapter, UnarySourceAdapter } from '@serving/core/lifecycle';
import type { SessionOptions } from '@serving/engine';
import { PlatformEngines } from './platform-engines.js';
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
  readonly #engines: PlatformEngines;
  #users = 0;

  constructor(options: SavedModelOptions) {
    checkSavedModelOptions(options, 'savedModelPlatform()');
    const { engine } = options;
    this.#options = options;
    this.#engines = new PlatformEngines(typeof engine === 'object' ? engine : undefined);
    if (typeof engine === 'object') engine.configure?.(sessionOptions(options));
  }

  createSourceAdapter({ modelOptions }: PlatformContext): SourceAdapter<StoragePath, Loader> {
    this.#users++;
    return new UnarySourceAdapter((directory, { id }) => {
      const options: SavedModelOptions = { ...this.#options, ...modelOptions(id.name) };
      const { engine = 'auto', onnx } = options;
      return new SavedModelLoader(directory, {
        ...options,
        session: sessionOptions(options),
        runtime: async () => (typeof engine === 'object' ? engine : this.#engines.get(engine, onnx)),
      });
    });
  }

  checkModelOptions(options: object): void {
    checkSavedModelOptions(options, 'a SavedModel');
  }

  async close(): Promise<void> {
    this.#users--;
    if (this.#users <= 0) await this.#engines.close();
  }
}

function sessionOptions({ intraOpThreads, interOpThreads, configProto }: SavedModelOptions): SessionOptions {
  return {
    ...(intraOpThreads !== undefined && { intraOpThreads }),
    ...(interOpThreads !== undefined && { interOpThreads }),
    ...(configProto !== undefined && { configProto }),
  };
}
