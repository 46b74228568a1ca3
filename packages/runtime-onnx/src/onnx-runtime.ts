/** `SavedModelRuntime` on ONNX Runtime: signatures are compiled at load. */
import { builtModuleUrl, checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import {
  type EngineSource,
  estimateFileBytes,
  type LoadedFor,
  type RuntimeDescription,
  type SavedModelRuntime,
  type Session,
  type SessionOptions,
} from '@serving/engine';
import { type CompileOptions, compileSavedModelInThread, refusalError } from '@serving/onnx-compiler';
import { LazyOnnxContext } from './lazy-onnx-context.js';
import { findOnnxLibrary, type OnnxLibraryOptions, onnxLibraryOptions } from './open-onnx-context.js';
import { compileProgramOf } from './program/compile-program.js';
import { ProgramSession } from './program/program-session.js';
import type { WeightsMode } from './session/session-options.js';
import { removeUnusedWeights, weightsFolder } from './weights-folder.js';

/** How SavedModels are compiled and run. */
export interface OnnxRuntimeOptions
  extends OnnxLibraryOptions,
    Pick<CompileOptions, 'strict' | 'float64' | 'nan' | 'guards'> {
  /**
   * `packed` (default): kernels keep weights in a layout of their own, for the fastest runs. `mapped`: weights stay in the SavedModel's
   * files, shared between processes, for little memory and loads of milliseconds.
   */
  readonly weights?: WeightsMode;
  /**
   * Whether weights are copied at load, for folders whose files may change while a version is loaded; without that they must not.
   * Default: false.
   */
  readonly copyWeights?: boolean;
  /** Threads within one kernel; 0 lets ONNX Runtime choose. Default: 1, as concurrency comes from requests. */
  readonly intraOpThreads?: number;
}

/** The options by name. */
export const onnxRuntimeOptions: OptionsTable<OnnxRuntimeOptions> = {
  ...onnxLibraryOptions,
  strict: {
    ...optionKinds.boolean,
    default: false,
    meaning:
      "one signature that can't be compiled fails the load; otherwise only its own requests are answered with `UNIMPLEMENTED`",
  },
  float64: {
    ...optionKinds.oneOf('refuse', 'float32'),
    default: "`'refuse'`",
    meaning:
      'what becomes of operations on double precision without a kernel: refused, or computed in single precision',
  },
  nan: {
    ...optionKinds.oneOf('onnx', 'tensorflow'),
    default: "`'onnx'`",
    meaning: 'how maxima, minima and their positions treat NaN; as TensorFlow does takes another pass over the data',
  },
  guards: {
    ...optionKinds.boolean,
    default: true,
    meaning: 'look for values that TensorFlow answers with an error, such as ids out of range',
  },
  weights: {
    ...optionKinds.oneOf('packed', 'mapped'),
    default: "`'packed'`",
    meaning:
      'kernels keep weights in a layout of their own, or they stay in the files of the SavedModel, mapped and shared',
  },
  copyWeights: {
    ...optionKinds.boolean,
    default: false,
    meaning: 'copy weights at load, for folders whose files change while a version is loaded',
  },
  intraOpThreads: {
    ...optionKinds.integer(0),
    default: 1,
    meaning: 'threads within one kernel; 0 lets ONNX Runtime choose',
  },
};

/** The share of its files that a model with mapped weights takes in memory of its own. */
const MAPPED_SHARE = 0.1 / 1.2;

/**
 * Makes a runtime. The library is looked up and loaded with the first model; when there is none, that load
 * rejects with `FAILED_PRECONDITION` and says what was tried, and the next one looks again.
 *
 * A load compiles all signatures and makes all sessions. It rejects with `UNIMPLEMENTED` and every reason when no signature can be
 * compiled; one that can't be is answered with its reasons.
 *
 * @example
 * ```ts
 * const runtime = onnxRuntime();
 * const session = await runtime.load('/models/half_plus_two/123', ['serve'], {});
 * const run = session.prepare(['x:0'], ['y:0']);
 * const [y] = await run.run([createTensor('float', [3], Float32Array.of(1, 2, 5))]);
 * await session.close();
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for an unknown option or a value of another kind.
 */
export function onnxRuntime(options: OnnxRuntimeOptions = {}): SavedModelRuntime {
  checkOptions(options, onnxRuntimeOptions, 'onnxRuntime()');
  return new OnnxRuntime(options);
}

class OnnxRuntime implements SavedModelRuntime {
  readonly name: string = 'onnx';
  readonly sharesSessions: boolean = true;
  readonly #options: OnnxRuntimeOptions;
  readonly #context: LazyOnnxContext;

  constructor(options: OnnxRuntimeOptions) {
    this.#options = options;
    this.#context = new LazyOnnxContext(options, () => removeUnusedWeights(weightsFolder()));
  }

  describe(): Promise<RuntimeDescription> {
    return this.#context.describe(this.name);
  }

  async load(
    directory: string,
    tags: readonly string[],
    session: SessionOptions,
    { hasOwnProcess }: LoadedFor = {},
  ): Promise<Session> {
    const { strict, float64, nan, guards, weights, copyWeights, intraOpThreads } = this.#options;
    const context = await this.#context.open();
    const options: CompileOptions = {
      ...(strict !== undefined && { strict }),
      ...(float64 !== undefined && { float64 }),
      ...(nan !== undefined && { nan }),
      ...(guards !== undefined && { guards }),
      ...(copyWeights !== undefined && { embedWeights: copyWeights }),
      weightsFolder: weightsFolder(),
    };
    const { programs, refused } = await compileSavedModelInThread(directory, tags, options);
    const source = { directory, tags, options };
    return ProgramSession.load(programs, {
      context,
      options: { weights, intraOpThreads: session.intraOpThreads || intraOpThreads, hasOwnProcess },
      refused: refused.map((signature) => ({ ...signature, error: refusalError([signature]) })),
      compile: compileProgramOf(source),
      source,
    });
  }

  async estimateBytes(directory: string): Promise<number> {
    const bytes = await estimateFileBytes(directory);
    return this.#options.weights === 'mapped' ? Math.ceil(bytes * MAPPED_SHARE) : bytes;
  }

  /** The library is looked up here, so that the other process need not search. */
  async source(): Promise<EngineSource> {
    return {
      program: builtModuleUrl('./model-process/main.js', import.meta.url),
      module: builtModuleUrl('./model-process/onnx-runtime.js', import.meta.url),
      factory: 'onnxRuntime',
      options: { ...this.#options, libraryPath: await findOnnxLibrary(this.#options) },
    };
  }
}
