/** TensorFlow's thread pools, which are the process's. */
import { type SessionOptions, warnOfThreadPool } from '@serving/engine';

/** The numbers that size the pools; 0 lets TensorFlow choose. */
type PoolSizes = Required<Pick<SessionOptions, 'intraOpThreads' | 'interOpThreads'>>;

/** Creates a session with the options and closes it again. */
export type SessionProbe = (options: SessionOptions) => Promise<void>;

/**
 * The first session of a process sizes both pools, for every later one. This makes sure that the first is one with the
 * first asked-for options, however many sessions start at once.
 */
export class ThreadPools {
  #sizes: PoolSizes = { intraOpThreads: 0, interOpThreads: 0 };
  /** Whether the attempt to make them succeeded. */
  #made: Promise<boolean> | undefined;
  readonly #warned = new Set<string>();

  /**
   * Resolves when the pools exist. Warns (`process.emitWarning`, code `SERVING_THREAD_POOLS`) when they have other sizes
   * than the options ask for, once per number.
   */
  async ensure(options: SessionOptions, probe: SessionProbe): Promise<void> {
    while (this.#made !== undefined) {
      const isMade = await this.#made;
      if (isMade) return this.#compare(this.#sizes, poolSizes(options));
    }
    this.#sizes = poolSizes(options);
    const making = probe(options);
    this.#made = making.then(
      () => true,
      () => {
        this.#made = undefined;
        return false;
      },
    );
    await making;
  }

  #compare(sizes: PoolSizes, asked: PoolSizes): void {
    for (const name of ['intraOpThreads', 'interOpThreads'] as const) {
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
