/** Runs SavedModels on `@tensorflow/tfjs-node`. */
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { checkOptions, DeadlineTimer, type OptionsTable, optionKinds } from '@serving/core/internal';
import {
  estimateFileBytes,
  mergeSessionOptions,
  packageOrigins,
  type RuntimeDescription,
  type SavedModelRuntime,
  type Session,
  type SessionOptions,
  warnOfThreadPool,
} from '@serving/engine';
import { readMetaGraph } from '@serving/protos/saved-model';
import { AddonWorker } from './addon-worker.js';
import { runnableTensors } from './runnable-tensors.js';
import { TfjsNodeSession } from './tfjs-node-session.js';

/** Which addon to run on. */
export interface TfjsNodeRuntimeOptions {
  /** `@tensorflow/tfjs-node-gpu` has the same addon for GPUs. Default `@tensorflow/tfjs-node`. */
  readonly packageName?: string;
  /** Whether TensorFlow may write its log to stderr. Default `false`. The environment's `TF_CPP_MIN_LOG_LEVEL` comes first. */
  readonly logs?: boolean;
  /** Measures deadlines. Default: the machine's. */
  readonly clock?: Clock;
}

/** The options by name. */
export const tfjsNodeRuntimeOptions: OptionsTable<TfjsNodeRuntimeOptions> = {
  packageName: {
    ...optionKinds.text,
    default: '`@tensorflow/tfjs-node`',
    meaning: 'or `@tensorflow/tfjs-node-gpu`',
  },
  logs: { ...optionKinds.boolean, default: false, meaning: "TensorFlow's log to stderr" },
  clock: {
    ...optionKinds.object('`Clock`', 'a clock, an object with now and setTimer', 'now', 'setTimer'),
    default: "the machine's",
    meaning: 'measures deadlines',
  },
};

/**
 * A runtime on tfjs-node's addon, for applications that have tfjs-node already; others are better served by
 * `@serving/runtime-tensorflow`. All its models are loaded and run in one worker thread with a copy of tfjs-node of its own, one
 * call after the other. The thread starts with the first call.
 *
 * The addon sets limits: inputs can be float, int32, int64, uint8, bool and string, outputs float, int32, int64, bool, string
 * and complex64. A model with a signature beyond that is refused by `load` with `UNIMPLEMENTED` and the names of signature and
 * tensor. Only tensors that a signature names can be fed and fetched. Of the session options
 * `intraOpThreads` alone has an effect, for all models, as the first load or `configure` says: the addon takes none. It
 * hides TensorFlow's status codes, so the code of an error is derived from its message. Two things stay in memory: outputs with
 * strings of more than 22 bytes until the model is unloaded, the inputs of runs that TensorFlow refuses for good.
 *
 * @example
 * ```ts
 * const server = await ModelServer.start({
 *   models: [{ name: 'digits', basePath: './models/digits' }],
 *   platforms: { tensorflow: savedModelPlatform({ engine: tfjsNodeRuntime() }) },
 * });
 * ```
 */
export function tfjsNodeRuntime(options: TfjsNodeRuntimeOptions = {}): SavedModelRuntime {
  checkOptions(options, tfjsNodeRuntimeOptions, 'tfjsNodeRuntime()');
  return new TfjsNodeRuntime(options);
}

class TfjsNodeRuntime implements SavedModelRuntime {
  readonly name = 'tfjs-node';
  readonly #options: TfjsNodeRuntimeOptions;
  readonly #deadlines: DeadlineTimer;
  #session: SessionOptions = {};
  /** What TensorFlow's pool was made with; absent while there is none. */
  #poolThreads: number | undefined;
  readonly #warned = new Set<number>();
  #worker: AddonWorker | undefined;
  #closed = false;

  constructor(options: TfjsNodeRuntimeOptions) {
    this.#options = options;
    this.#deadlines = new DeadlineTimer(options.clock ?? systemClock);
  }

  configure(session: SessionOptions): void {
    this.#session = mergeSessionOptions(this.#session, session);
  }

  async describe(): Promise<RuntimeDescription> {
    return { name: this.name, ...(await this.#startedWorker().call('describe', () => ({})).answer) };
  }

  async load(directory: string, tags: readonly string[], options: SessionOptions): Promise<Session> {
    const { signatureDefs } = await readMetaGraph(directory, tags);
    const tensors = runnableTensors(signatureDefs, directory);
    const worker = this.#startedWorker(options);
    const session = await worker.call('load', () => ({ directory, tags })).answer;
    const { libraryVersion } = await worker.call('describe', () => ({})).answer;
    return new TfjsNodeSession({ worker, session, tensors, libraryVersion, deadlines: this.#deadlines });
  }

  estimateBytes(directory: string): Promise<number> {
    return estimateFileBytes(directory);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.close();
  }

  /** A thread that ended by itself is replaced; the sessions that it had are lost. */
  #startedWorker(options: SessionOptions = {}): AddonWorker {
    if (this.#closed) throw new ServingError('FAILED_PRECONDITION', 'The tfjs-node runtime is closed');
    if (this.#worker === undefined || this.#worker.hasEnded) {
      const { packageName = '@tensorflow/tfjs-node', logs = false } = this.#options;
      const merged = mergeSessionOptions(options, this.#session);
      // TensorFlow stays in the process when a thread ends, and with it its pool.
      this.#poolThreads ??= merged.intraOpThreads ?? 0;
      this.#worker = new AddonWorker(workerScript(), {
        packageName,
        logs,
        origins: packageOrigins(import.meta.url),
        intraOpThreads: this.#poolThreads,
      });
    }
    this.#compareThreads(options.intraOpThreads ?? 0);
    return this.#worker;
  }

  #compareThreads(asked: number): void {
    const made = this.#poolThreads!;
    if (asked === 0 || asked === made || this.#warned.has(asked)) return;
    this.#warned.add(asked);
    warnOfThreadPool('intraOpThreads', asked, made);
  }
}

/** A worker thread needs JavaScript, also when this file itself runs from its TypeScript source. */
function workerScript(): URL {
  const isSource = import.meta.url.endsWith('.ts');
  return isSource ? new URL('../dist/worker.js', import.meta.url) : new URL('./worker.js', import.meta.url);
}
