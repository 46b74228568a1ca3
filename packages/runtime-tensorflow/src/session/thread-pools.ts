/** TensorFlow's thread pools, which are the process's, or for kernels those of each session. */
import { availableParallelism } from 'node:os';
import { type SessionOptions, warnOfThreadPool } from '@serving/engine';

/** The numbers that size the pools; 0 lets TensorFlow choose. */
type PoolSizes = Required<Pick<SessionOptions, 'intraOpThreads' | 'interOpThreads'>>;

/**
 * Creates a session with the options and closes it again.
 *
 * @param ownPools whether TensorFlow is to give each session a pool of its own for kernels
 */
export type SessionProbe = (options: SessionOptions, ownPools: boolean) => Promise<void>;

/** What a session's kernels run on. */
export interface KernelThreads {
  /** For its ConfigProto. */
  readonly intraOpThreads: number;
  /** Whether kernels use no thread but the one that the run is on. */
  readonly isSingle: boolean;
  /** To be called once, when the session is gone. */
  release(): void;
}

/** So many threads of pools of their own a process may have: more than a machine could use, fewer than limits of containers allow. */
const MAX_OWN_THREADS = 512;

/**
 * The first session of a process decides. With options that ask for a number it sizes the pools for all: this makes sure that the first is one
 * with the first asked-for options, however many sessions start at once. Otherwise each session has a pool for kernels: a small model then
 * runs on one thread, and a large one beside it on all.
 */
export class ThreadPools {
  readonly #processors: number;
  readonly #maxOwnThreads: number;
  #sizes: PoolSizes = { intraOpThreads: 0, interOpThreads: 0 };
  /** TensorFlow decides once, too; also when the attempt fails. */
  #ownPools: boolean | undefined;
  #ownThreads = 0;
  /** Whether the attempt to make them succeeded. */
  #made: Promise<boolean> | undefined;
  readonly #warned = new Set<string>();

  constructor(processors: number = availableParallelism(), maxOwnThreads: number = MAX_OWN_THREADS) {
    this.#processors = processors;
    this.#maxOwnThreads = maxOwnThreads;
  }

  /**
   * Resolves when the pools exist. Warns (`process.emitWarning`, code `SERVING_THREAD_POOLS`) when they have other sizes
   * than the options ask for, once per number.
   *
   * @param wantsOwn whether sessions are to have pools of their own for kernels, where the options name no number
   */
  async ensure(options: SessionOptions, wantsOwn: boolean, probe: SessionProbe): Promise<void> {
    while (this.#made !== undefined) {
      const isMade = await this.#made;
      if (isMade) return this.#compare(this.#sizes, poolSizes(options));
    }
    this.#sizes = poolSizes(options);
    // A ConfigProto may name a number, too.
    this.#ownPools ??= wantsOwn && this.#sizes.intraOpThreads === 0 && options.configProto === undefined;
    const making = probe(options, this.#ownPools);
    this.#made = making.then(
      () => true,
      () => {
        this.#made = undefined;
        return false;
      },
    );
    await making;
  }

  /**
   * The threads of one more session, after {@link ensure}.
   *
   * @param hasSmallKernels see `LoadedFor` of `@serving/engine`
   */
  take({ intraOpThreads: asked = 0, configProto }: SessionOptions, hasSmallKernels: boolean): KernelThreads {
    if (this.#ownPools !== true) {
      return { intraOpThreads: asked, isSingle: this.#sizes.intraOpThreads === 1, release: () => undefined };
    }
    // A ConfigProto's own number stays.
    const isChosen = asked === 0 && configProto === undefined;
    let threads = asked || (hasSmallKernels && isChosen ? 1 : this.#processors);
    if (isChosen && this.#ownThreads + threads > this.#maxOwnThreads) threads = this.#limited(threads);
    this.#ownThreads += threads;
    return {
      intraOpThreads: isChosen ? threads : asked,
      isSingle: threads === 1,
      release: () => {
        this.#ownThreads -= threads;
      },
    };
  }

  #limited(threads: number): number {
    if (threads > 1 && !this.#warned.has('own')) {
      this.#warned.add('own');
      process.emitWarning(
        `Pools of models have ${this.#ownThreads} threads: kernels of more models use one thread each. ` +
          `With intraOpThreads=${threads} all models share one pool`,
        { type: 'ServingWarning', code: 'SERVING_THREAD_POOLS' },
      );
    }
    return 1;
  }

  #compare(sizes: PoolSizes, asked: PoolSizes): void {
    for (const name of ['intraOpThreads', 'interOpThreads'] as const) {
      if (name === 'intraOpThreads' && this.#ownPools === true) continue;
      const key = `${name}=${asked[name]}`;
      if (asked[name] === 0 || asked[name] === sizes[name] || this.#warned.has(key)) continue;
      this.#warned.add(key);
      warnOfThreadPool(name, asked[name], sizes[name]);
    }
  }
}

function poolSizes({ intraOpThreads = 0, interOpThreads = 0 }: SessionOptions): PoolSizes {
  return { intraOpThreads, interOpThreads };
}

const PROCESS_POOLS = Symbol.for('serving.tensorflow.threadPools');

/** The pools of this thread's process, shared by all runtimes in this thread and all copies of this package. */
export function threadPools(): ThreadPools {
  const holder = globalThis as { [PROCESS_POOLS]?: ThreadPools };
  holder[PROCESS_POOLS] ??= new ThreadPools();
  return holder[PROCESS_POOLS];
}
