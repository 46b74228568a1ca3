/** ONNX models as a platform of a ModelServer. */
import type { Loader, Platform, PlatformContext, StoragePath } from '@serving/core/extend';
import { type SourceAdapter, UnarySourceAdapter } from '@serving/core/lifecycle';
import { isolatedRuntime } from '@serving/engine/internal';
import { threadSupport } from '@serving/engine/native';
import type { OnnxLibraryOptions } from '../open-onnx-context.js';
import { OnnxLoader, type OnnxLoaderOptions } from './onnx-loader.js';
import { OnnxModelRuntime } from './onnx-model-runtime.js';
import {
  checkOnnxPlatformOptions,
  type OnnxPlatformOptions,
  onnxModelOptions,
  onnxPlatformOptions,
} from './onnx-platform-options.js';

/**
 * The platform that serves ONNX models: the folder of a version holds `model.onnx`, and files of its external data. A model has one
 * signature, `serving_default`, with the inputs and outputs of its graph. Register it as `onnx`, the name that configurations in
 * TensorFlow Serving's form use for it.
 *
 * @example
 * ```ts
 * const server = await ModelServer.start({
 *   models: [{ name: 'iris', basePath: './models/iris', platform: 'onnx' }],
 *   platforms: { onnx: onnxPlatform() },
 * });
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for an unknown option or a value of another kind.
 */
export function onnxPlatform(options: OnnxPlatformOptions = {}): Platform {
  return new OnnxPlatform(options);
}

class OnnxPlatform implements Platform {
  readonly #options: OnnxPlatformOptions;
  readonly #runtime: OnnxModelRuntime;

  constructor(options: OnnxPlatformOptions) {
    checkOnnxPlatformOptions(options, onnxPlatformOptions, 'onnxPlatform()');
    this.#options = options;
    this.#runtime = new OnnxModelRuntime(libraryOptions(options));
  }

  readonly threadSupport: string = threadSupport;

  createSourceAdapter({ modelOptions }: PlatformContext): SourceAdapter<StoragePath, Loader> {
    return new UnarySourceAdapter((directory, { id }) => {
      const options: OnnxPlatformOptions = { ...this.#options, ...modelOptions(id.name) };
      return new OnnxLoader(directory, {
        loadModel: options.isolation === 'process' ? loadIsolated(options) : this.#loader(options),
        warmup: options.warmup,
      });
    });
  }

  checkModelOptions(options: object): void {
    checkOnnxPlatformOptions(options, onnxModelOptions, 'an ONNX model');
  }

  #loader({ weights, intraOpThreads }: OnnxPlatformOptions): OnnxLoaderOptions['loadModel'] {
    return (_directory, file) => this.#runtime.loadFile(file, { weights, intraOpThreads });
  }
}

/** The file is read once more, by the process that runs it. */
function loadIsolated(options: OnnxPlatformOptions): OnnxLoaderOptions['loadModel'] {
  return async (directory, _file, loadedFor) => {
    const { weights, intraOpThreads, process } = options;
    const runtime = new OnnxModelRuntime({ ...libraryOptions(options), ...(weights && { weights }) });
    const session = intraOpThreads === undefined ? {} : { intraOpThreads };
    return (await isolatedRuntime(runtime, process)).load(directory, [], session, loadedFor);
  };
}

function libraryOptions(options: OnnxPlatformOptions): OnnxLibraryOptions {
  const { libraryPath, runMode, maxConcurrentRuns, logs } = options;
  return {
    ...(libraryPath !== undefined && { libraryPath }),
    ...(runMode !== undefined && { runMode }),
    ...(maxConcurrentRuns !== undefined && { maxConcurrentRuns }),
    ...(logs !== undefined && { logs }),
  };
}
