/** ONNX models as a platform of a ModelServer. */
import type { Loader, Platform, PlatformContext, StoragePath } from '@serving/core/extend';
import { checkOptions } from '@serving/core/internal';
import { type SourceAdapter, UnarySourceAdapter } from '@serving/core/lifecycle';
import { openOnnxContext } from '../open-onnx-context.js';
import type { OnnxContext } from '../session/onnx-context.js';
import { OnnxLoader } from './onnx-loader.js';
import { type OnnxPlatformOptions, onnxModelOptions, onnxPlatformOptions } from './onnx-platform-options.js';

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
  #context: Promise<OnnxContext> | undefined;

  constructor(options: OnnxPlatformOptions) {
    checkOptions(options, onnxPlatformOptions, 'onnxPlatform()');
    this.#options = options;
  }

  createSourceAdapter({ modelOptions }: PlatformContext): SourceAdapter<StoragePath, Loader> {
    return new UnarySourceAdapter((directory, { id }) => {
      const { weights, intraOpThreads, warmup }: OnnxPlatformOptions = { ...this.#options, ...modelOptions(id.name) };
      return new OnnxLoader(directory, { weights, intraOpThreads, warmup, context: () => this.#open() });
    });
  }

  checkModelOptions(options: object): void {
    checkOptions(options, onnxModelOptions, 'an ONNX model');
  }

  /** A failed look-up is not kept: the library may be installed while the process runs. */
  #open(): Promise<OnnxContext> {
    this.#context ??= openOnnxContext(this.#options).catch((error: unknown) => {
      this.#context = undefined;
      throw error;
    });
    return this.#context;
  }
}
