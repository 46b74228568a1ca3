/** `SavedModelRuntime` on libtensorflow. */
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { checkOptionNames, type OptionNames } from '@serving/core/internal';
import {
  estimateFileBytes,
  findLibrary,
  mergeSessionOptions,
  type RunMode,
  type RunSlots,
  type RuntimeDescription,
  type SavedModelRuntime,
  type Session,
  type SessionOptions,
} from '@serving/engine';
import { NativeDisposal, NativeRuns, poolSlots } from '@serving/engine/native';
import { loadTensorFlowApi } from './native/c-api.js';
import { loadCustomOpLibraries } from './native/custom-op-libraries.js';
import { NativeTensors } from './native/native-tensor.js';
import { listDevices } from './session/devices.js';
import type { RuntimeContext } from './session/runtime-context.js';
import { TensorFlowSession } from './session/session.js';
import { threadPools } from './session/thread-pools.js';

/** How a runtime finds its library and runs models. */
export interface TensorFlowRuntimeOptions {
  /** TensorFlow's library, or the folder that holds it. Default: what {@link findLibrary} finds. */
  readonly libraryPath?: string;
  /**
   * Where runs happen. `auto` (default): on a thread, until 95 % of a signature's runs have shown to take less than 200 µs;
   * those are made inline, and one slow run sends them back. `thread`: always on a thread. `inline`: always on the caller's
   * thread, which a long run blocks; for scripts.
   */
  readonly runMode?: RunMode;
  /**
   * How many runs, loads and unloads may be on libuv's thread pool at a time; more wait their turn. Keep it below the pool's size
   * (`UV_THREADPOOL_SIZE`, default 4), which file reads and DNS look-ups share. Models take turns. Where the pool has two threads
   * more and this is above 1, one run may go beyond it: of a model with none under way while another has several, or of a
   * model that has been the only one to run for a second. Default: the number of cores, 3 at most.
   */
  readonly maxConcurrentRuns?: number;
  /**
   * `caller` (default): a graph runs on one thread; its kernels still use TensorFlow's intra-op threads. `shared`: its
   * branches run side by side on TensorFlow's inter-op pool, which costs small graphs more than it gives.
   */
  readonly interOpThreadPool?: 'caller' | 'shared';
  /**
   * Shared libraries with operations and kernels that TensorFlow itself does not have, such as those of TF Text, built for
   * the version of TensorFlow that runs. They are loaded before the first model, once per process. A library that can't be
   * loaded fails every load. Default: none.
   */
  readonly customOpLibraries?: readonly string[];
  /** Whether TensorFlow may write its log to stderr. Default `false`. The environment's `TF_CPP_MIN_LOG_LEVEL` comes first. */
  readonly logs?: boolean;
}

const optionNames: OptionNames<TensorFlowRuntimeOptions> = {
  libraryPath: true,
  runMode: true,
  maxConcurrentRuns: true,
  interOpThreadPool: true,
  customOpLibraries: true,
  logs: true,
};

/**
 * Makes a runtime. The library is looked up and loaded with the first model; when there is none, that load
 * rejects with `FAILED_PRECONDITION` and says what was tried, and the next one looks again.
 *
 * @example
 * ```ts
 * const runtime = tensorflowRuntime();
 * const session = await runtime.load('/models/half_plus_two/123', ['serve'], {});
 * const run = session.prepare(['x:0'], ['y:0']);
 * const [y] = await run.run([createTensor('float', [3], Float32Array.of(1, 2, 5))]);
 * await session.close();
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for unknown options and a `maxConcurrentRuns` that is not a whole number from 1.
 */
export function tensorflowRuntime(options: TensorFlowRuntimeOptions = {}): SavedModelRuntime {
  checkOptionNames(options, Object.keys(optionNames), 'tensorflowRuntime()');
  return new TensorFlowRuntime(options, systemClock);
}

class TensorFlowRuntime implements SavedModelRuntime {
  readonly name: string = 'tensorflow';
  readonly #options: TensorFlowRuntimeOptions;
  readonly #clock: Clock;
  readonly #slots: RunSlots;
  #session: SessionOptions = {};
  #loaded: Promise<LoadedLibrary> | undefined;

  constructor(options: TensorFlowRuntimeOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#slots = poolSlots(options.maxConcurrentRuns, clock);
  }

  configure(session: SessionOptions): void {
    this.#session = mergeSessionOptions(this.#session, session);
  }

  async describe(): Promise<RuntimeDescription> {
    const { context, path } = await this.#library();
    await this.#ensurePools(context, this.#session);
    return {
      name: this.name,
      libraryVersion: context.api.version,
      libraryPath: path,
      devices: await context.slots.runLifecycle(() => listDevices(context.api, this.#session)),
    };
  }

  async load(directory: string, tags: readonly string[], options: SessionOptions): Promise<Session> {
    const { context } = await this.#library();
    await this.#ensurePools(context, options);
    return TensorFlowSession.load(context, directory, tags, options);
  }

  estimateBytes(directory: string): Promise<number> {
    return estimateFileBytes(directory);
  }

  #ensurePools({ api, slots }: RuntimeContext, options: SessionOptions): Promise<void> {
    return threadPools().ensure(mergeSessionOptions(options, this.#session), async (first) => {
      await slots.runLifecycle(() => listDevices(api, first));
    });
  }

  /** A failed look-up is not kept: the library may be installed while the process runs. */
  #library(): Promise<LoadedLibrary> {
    this.#loaded ??= this.#load().catch((error: unknown) => {
      this.#loaded = undefined;
      throw ServingError.from(error, 'INTERNAL');
    });
    return this.#loaded;
  }

  async #load(): Promise<LoadedLibrary> {
    const {
      libraryPath,
      customOpLibraries = [],
      logs = false,
      runMode = 'auto',
      interOpThreadPool = 'caller',
    } = this.#options;
    const { path } = await findLibrary({ engine: 'tensorflow', ...(libraryPath !== undefined && { libraryPath }) });
    const api = await loadTensorFlowApi(path, logs);
    await loadCustomOpLibraries(api, customOpLibraries);
    const context: RuntimeContext = {
      api,
      tensors: new NativeTensors(api),
      disposal: new NativeDisposal(api.deleteTensors),
      slots: this.#slots,
      runs: new NativeRuns(this.#clock, runMode),
      runOptions: interOpThreadPool === 'caller' ? api.callerThreadRunOptions : 0,
    };
    return { context, path };
  }
}

interface LoadedLibrary {
  readonly context: RuntimeContext;
  readonly path: string;
}
