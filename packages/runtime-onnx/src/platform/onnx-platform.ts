/** ONNX models as a platform of a ModelServer. */
import { ServingError } from '@serving/core';
import type { Loader, Platform, PlatformContext, StoragePath } from '@serving/core/extend';
import { checkOptionNames, type OptionNames } from '@serving/core/internal';
import { type SourceAdapter, UnarySourceAdapter } from '@serving/core/lifecycle';
import { type OnnxLibraryOptions, openOnnxContext } from '../open-onnx-context.js';
import type { OnnxContext } from '../session/onnx-context.js';
import type { WeightsMode } from '../session/session-options.js';
import { OnnxLoader, type OnnxWarmupTarget } from './onnx-loader.js';

/** Options of one model (`models[].options`), which replace those of its platform one by one. */
export interface OnnxModelOptions {
  /**
   * `packed` (default): kernels keep weights in a layout of their own, for the fastest runs. `mapped`: weights in files of external data
   * stay there, shared between processes, for little memory and quick loads.
   */
  readonly weights?: WeightsMode;
  /** Threads within one kernel; 0 lets ONNX Runtime choose. Default: 1, as concurrency comes from requests. */
  readonly intraOpThreads?: number;
}

/** How ONNX models are loaded and run. */
export interface OnnxPlatformOptions extends OnnxLibraryOptions, OnnxModelOptions {
  /**
   * Warms a version up before it becomes available; a rejection fails its load. `warmUp` of `@serving/savedmodel` fits, which runs the
   * requests of `assets.extra/tf_serving_warmup_requests` in the version's folder. Default: none.
   */
  readonly warmup?: (directory: string, target: OnnxWarmupTarget) => Promise<unknown>;
}

const modelOptionNames: OptionNames<OnnxModelOptions> = { weights: true, intraOpThreads: true };
const optionNames: OptionNames<OnnxPlatformOptions> = {
  ...modelOptionNames,
  libraryPath: true,
  runMode: true,
  maxConcurrentRuns: true,
  logs: true,
  warmup: true,
};

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
    checkOptionNames(options, Object.keys(optionNames), 'onnxPlatform()');
    checkValues(options, 'onnxPlatform()');
    this.#options = options;
  }

  createSourceAdapter({ modelOptions }: PlatformContext): SourceAdapter<StoragePath, Loader> {
    return new UnarySourceAdapter((directory, { id }) => {
      const { weights, intraOpThreads, warmup }: OnnxPlatformOptions = { ...this.#options, ...modelOptions(id.name) };
      return new OnnxLoader(directory, { weights, intraOpThreads, warmup, context: () => this.#open() });
    });
  }

  checkModelOptions(options: object): void {
    checkOptionNames(options, Object.keys(modelOptionNames), 'an ONNX model');
    checkValues(options, 'an ONNX model');
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

function checkValues({ weights, intraOpThreads }: OnnxModelOptions, what: string): void {
  if (weights !== undefined && weights !== 'packed' && weights !== 'mapped') {
    throw ServingError.invalidArgument(
      `Option "weights" of ${what} must be "packed" or "mapped", got ${shown(weights)}`,
    );
  }
  if (intraOpThreads !== undefined && !(Number.isSafeInteger(intraOpThreads) && intraOpThreads >= 0)) {
    const expected = 'an integer of at least 0';
    throw ServingError.invalidArgument(
      `Option "intraOpThreads" of ${what} must be ${expected}, got ${shown(intraOpThreads)}`,
    );
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : String(value);
}
