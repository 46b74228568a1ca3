/** One serving thread as the main thread sees it. */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock.js';
import { ServingError } from '../../serving-error.js';
import { builtModuleUrl } from '../built-module-url.js';
import type { ThreadStart } from '../mirrored-state.js';
import { type ChannelHandlers, ThreadChannel } from '../thread-channel.js';

/** What a thread that has nothing left to do gets to end by itself, before it is terminated. */
const END_MS = 2000;

/** Starts when it is made. */
export class ServingThread {
  /** From 0; a thread that takes another's place has its number. */
  readonly index: number;
  readonly channel: ThreadChannel;
  /** Resolves when the thread is gone and its native runs are over, with what ended it. */
  readonly ended: Promise<ServingError>;
  readonly #worker: Worker;
  readonly #clock: Clock;
  #failure: unknown;

  constructor(index: number, start: ThreadStart, clock: Clock, handlers: ChannelHandlers) {
    this.index = index;
    this.#clock = clock;
    const script = new URL(builtModuleUrl('../serving/thread-entry.js', import.meta.url));
    const isSource = import.meta.url.endsWith('.ts');
    this.#worker = new Worker(script, {
      workerData: start,
      name: `serving-${index}`,
      // A host that runs sources has flags that what is built must not get.
      ...(isSource && { execArgv: [] }),
    });
    this.channel = new ThreadChannel(this.#worker, handlers);
    this.#worker.on('error', (error) => {
      this.#failure = error;
    });
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        const error = this.#endError(code);
        this.channel.close(error);
        resolve(error);
      });
    });
  }

  /** Ends a thread whose services are closed. */
  async end(): Promise<void> {
    this.channel.send('end');
    const cancel = this.#clock.setTimer(() => void this.#worker.terminate(), END_MS);
    await this.ended;
    cancel();
  }

  #endError(code: number): ServingError {
    if (this.#failure === undefined) {
      return new ServingError('UNAVAILABLE', `Serving thread ${this.index} ended with code ${code}`);
    }
    const { message } = ServingError.from(this.#failure);
    return new ServingError('INTERNAL', `Serving thread ${this.index} ended by an exception: ${message}`, {
      cause: this.#failure,
    });
  }
}
