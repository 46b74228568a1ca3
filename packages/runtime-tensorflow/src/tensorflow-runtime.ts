/** `SavedModelRuntime` on libtensorflow. */
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { builtModuleUrl, checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import {
  type EngineSource,
  estimateFileBytes,
  findLibrary,
  type LoadedFor,
  mergeSessionOptions,
  type RunMode,
  type RunSlots,
  type RuntimeDescription,
  type SavedModelRuntime,
  type Session,
  type SessionOptions,
} from '@serving/engine';
import { poolSlots, setEnvironmentFor } from '@serving/engine/native';
import { loadCustomOpLibraries } from './native/custom-op-libraries.js';
import { listDevices } from './session/devices.js';
import { openRuntimeContext } from './session/open-context.js';
import type { RuntimeContext } from './session/runtime-context.js';
import { TensorFlowSession } from './session/session.js';
import { threadPools } from './session/thread-pools.js';

/** Has TensorFlow make a pool for kernels with each session. */
const OWN_POOLS = 'TF_OVERRIDE_GLOBAL_THREADPOOL';

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
   * more and this is above 1, one run may go beyond it: of a model with none in flight while another has several, or of a
   * model that has been the only one to run for a second. Default: the number of cores, 3 at most.
   */
  readonly maxConcurrentRuns?: number;
  /**
   * `caller` (default): a graph runs on one thread; its kernels still use TensorFlow's intra-op threads. `shared`: its
   * branches run side by side on TensorFlow's inter-op pool, which costs small graphs more than it gives.
   */
  readonly interOpThreadPool?: 'caller' | 'shared';
  /**
   * `own` (default): kernels of each model have a pool of threads of their own: one thread for a model whose kernels are small, as many as there
   * are processors for others. `shared`: TensorFlow's one pool for all models, with as many as there are processors; for hundreds of models,
   * each of which would have 75 KB and a thread at least. Where the first model asks for a number (`intraOpThreads`, `configProto`) there is one pool, too.
   */
  readonly intraOpThreadPool?: 'own' | 'shared';
  /**
   * Shared libraries with operations and kernels that TensorFlow itself does not have, such as those of TF Text, built for
   * the version of TensorFlow that runs. They are loaded before the first model, once per process. A library that can't be
   * loaded fails every load. Default: none.
   */
  readonly customOpLibraries?: readonly string[];
  /** Whether TensorFlow may write its log to stderr. Default `false`. The environment's `TF_CPP_MIN_LOG_LEVEL` comes first. */
  readonly logs?: boolean;
}

/** The options by name. */
export const tensorflowRuntimeOptions: OptionsTable<TensorFlowRuntimeOptions> = {
  libraryPath: {
    ...optionKinds.text,
    default: '[looked up](../guides/running-tensorflow.md#install-tensorflows-library)',
    meaning: "TensorFlow's library, or its folder",
  },
  runMode: {
    ...optionKinds.oneOf('auto', 'thread', 'inline'),
    default: "`'auto'`",
    meaning: '[where a run happens](../guides/running-tensorflow.md#where-a-run-happens)',
  },
  maxConcurrentRuns: {
    ...optionKinds.integer(1),
    default: 'cores, 3 at most, below `UV_THREADPOOL_SIZE`',
    meaning: 'runs, loads and unloads on threads at once',
  },
  interOpThreadPool: {
    ...optionKinds.oneOf('caller', 'shared'),
    default: "`'caller'`",
    meaning: "whether a graph's branches run side by side",
  },
  intraOpThreadPool: {
    ...optionKinds.oneOf('own', 'shared'),
    default: "`'own'`",
    meaning: '[whether each model has threads for kernels](../guides/running-tensorflow.md#tensorflows-threads)',
  },
  customOpLibraries: {
    ...optionKinds.list('strings', 'a list of paths', (path) => typeof path === 'string'),
    default: '`[]`',
    meaning:
      '[libraries with operations](../guides/running-tensorflow.md#custom-operations) that TensorFlow does not have',
  },
  logs: { ...optionKinds.boolean, default: false, meaning: "TensorFlow's log to stderr" },
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
  checkOptions(options, tensorflowRuntimeOptions, 'tensorflowRuntime()');
  return new TensorFlowRuntime(options, systemClock);
}

class TensorFlowRuntime implements SavedModelRuntime {
  readonly name: string = 'tensorflow';
  readonly sharesSessions: boolean = true;
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

  async load(
    directory: string,
    tags: readonly string[],
    options: SessionOptions,
    loadedFor: LoadedFor = {},
  ): Promise<Session> {
    const { context } = await this.#library();
    await this.#ensurePools(context, options);
    return TensorFlowSession.load(context, directory, tags, options, loadedFor);
  }

  estimateBytes(directory: string): Promise<number> {
    return estimateFileBytes(directory);
  }

  /** The library is looked up here, so that the other process need not search. */
  async source(): Promise<EngineSource> {
    const libraryPath = await this.#findLibrary();
    return {
      program: builtModuleUrl('./model-process/main.js', import.meta.url),
      module: builtModuleUrl('./model-process/tensorflow-runtime.js', import.meta.url),
      factory: 'tensorflowRuntime',
      options: { ...this.#options, libraryPath },
    };
  }

  #ensurePools({ api, slots }: RuntimeContext, options: SessionOptions): Promise<void> {
    const { intraOpThreadPool = 'own' } = this.#options;
    const merged = mergeSessionOptions(options, this.#session);
    return threadPools().ensure(merged, intraOpThreadPool === 'own', async (first, ownPools) => {
      await slots.runLifecycle(async () => {
        // TensorFlow reads it once, with its first session.
        const restore = ownPools ? setEnvironmentFor(api.libc, OWN_POOLS, '1') : undefined;
        try {
          await listDevices(api, first);
        } finally {
          restore?.();
        }
      });
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

  async #findLibrary(): Promise<string> {
    const { libraryPath } = this.#options;
    const { path } = await findLibrary({ engine: 'tensorflow', ...(libraryPath !== undefined && { libraryPath }) });
    return path;
  }

  async #load(): Promise<LoadedLibrary> {
    const { customOpLibraries = [], logs = false, runMode = 'auto', interOpThreadPool = 'caller' } = this.#options;
    const path = await this.#findLibrary();
    const options = { path, logs, runMode, interOpThreadPool };
    const context = await openRuntimeContext(options, this.#slots, this.#clock);
    await loadCustomOpLibraries(context.api, customOpLibraries);
    return { context, path };
  }
}

interface LoadedLibrary {
  readonly context: RuntimeContext;
  readonly path: string;
}
