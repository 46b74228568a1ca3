/** SavedModels as a platform of a ModelServer. */
import type { Loader, Platform, PlatformContext, StoragePath } from '@serving/core/extend';
import { type SourceAdapter, UnarySourceAdapter } from '@serving/core/lifecycle';
import type { EngineName, SavedModelRuntime, SessionOptions } from '@serving/engine';
import { threadSupport } from '@serving/engine/native';
import { PlatformEngines } from './platform-engines.js';
import { SavedModelLoader } from './saved-model-loader.js';
import { checkSavedModelOptions, type SavedModelOptions } from './saved-model-options.js';
import { SignatureNames } from './signature-names.js';

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

  /** Models whose own options name an engine without threads fail to load while there are some. */
  get threadSupport(): string | undefined {
    const { engine = 'auto', isolation = 'none' } = this.#options;
    const isShared = typeof engine === 'object' ? engine.sharesSessions : engine !== 'tfjs-node';
    return isShared || isolation === 'process' ? threadSupport : undefined;
  }

  createSourceAdapter({ modelOptions }: PlatformContext): SourceAdapter<StoragePath, Loader> {
    this.#users++;
    const signatureNames = new SignatureNames();
    return new UnarySourceAdapter((directory, { id }) => {
      const own: SavedModelOptions | undefined = modelOptions(id.name);
      const options: SavedModelOptions = { ...this.#options, ...own };
      const { onnx, isolation = 'none', process = {} } = options;
      const engine = own?.onnx === undefined ? (options.engine ?? 'auto') : engineByName(options.engine);
      const runtime = async (): Promise<SavedModelRuntime> => {
        if (isolation === 'process') return this.#engines.isolated(engine, onnx, process);
        return typeof engine === 'object' ? engine : this.#engines.get(engine, onnx);
      };
      return new SavedModelLoader(directory, {
        ...options,
        session: sessionOptions(options),
        runtime,
        signatureNames,
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

/** The name of an engine that may be made with other options; else the engine. */
function engineByName(engine: SavedModelOptions['engine'] = 'auto'): EngineName | 'auto' | SavedModelRuntime {
  if (typeof engine !== 'object') return engine;
  return engine.name === 'onnx' || engine.name === 'auto' ? engine.name : engine;
}

function sessionOptions({ intraOpThreads, interOpThreads, configProto }: SavedModelOptions): SessionOptions {
  return {
    ...(intraOpThreads !== undefined && { intraOpThreads }),
    ...(interOpThreads !== undefined && { interOpThreads }),
    ...(configProto !== undefined && { configProto }),
  };
}
