/** The host's end of the worker thread: starts it, keeps its calls in order, and survives its end. */
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { ServingError } from '@serving/core';
import { addonError } from './addon-error.js';
import {
  buffersOf,
  type WorkerCallKind,
  type WorkerCalls,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSettings,
} from './worker-messages.js';

/** A call that was made. */
export interface WorkerCall<Answer> {
  readonly answer: Promise<Answer>;
  /** Rejects the answer at once. A call that has not reached the thread yet never will; another one runs unheard. */
  cancel(reason: ServingError): void;
}

interface Waiting {
  readonly kind: WorkerCallKind;
  readonly makeRequest: () => WorkerCalls[WorkerCallKind]['request'];
  readonly resolve: (answer: never) => void;
  readonly reject: (error: ServingError) => void;
}

/** One call runs and the next lies ready for the thread; the others can still be taken back. */
const MAX_POSTED = 2;

/**
 * One thread with one copy of tfjs-node. Calls are executed one after the other, in the order in which they were made.
 * The thread keeps the process alive only while calls wait. When it ends by itself, the calls that wait and all later ones
 * reject with `UNAVAILABLE`.
 */
export class AddonWorker {
  readonly #worker: Worker;
  readonly #queue: Waiting[] = [];
  readonly #posted = new Map<number, Waiting>();
  readonly #exit: Promise<void>;
  readonly #packageName: string;
  #nextId = 0;
  #closing = false;
  #end: ServingError | undefined;

  constructor(script: URL, settings: WorkerSettings) {
    this.#packageName = settings.packageName;
    // TensorFlow's log level is read from the process's own environment, which a thread reaches only by sharing it.
    // The host's own flags (loaders, import conditions) are not meant for tfjs-node.
    this.#worker = new Worker(script, { workerData: settings, env: SHARE_ENV, execArgv: [] });
    this.#worker.unref();
    this.#worker.on('message', (reply: WorkerReply) => this.#onReply(reply));
    this.#worker.on('error', (error) => this.#onEnd(error));
    this.#exit = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#onEnd(undefined);
        resolve();
      });
    });
  }

  /** Whether the thread is gone, so that another one is needed. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** `makeRequest` is called when the thread is about to be free: a call that is cancelled before copies nothing. */
  call<K extends WorkerCallKind>(
    kind: K,
    makeRequest: () => WorkerCalls[K]['request'],
  ): WorkerCall<WorkerCalls[K]['answer']> {
    const { promise, resolve, reject } = withResolvers<WorkerCalls[K]['answer']>();
    const waiting: Waiting = { kind, makeRequest, resolve, reject };
    if (this.#end !== undefined) reject(this.#end);
    else if (this.#closing) reject(new ServingError('FAILED_PRECONDITION', 'The tfjs-node runtime is closed'));
    else {
      this.#queue.push(waiting);
      this.#worker.ref();
      this.#postNext();
    }
    return {
      answer: promise,
      cancel: (reason) => {
        const index = this.#queue.indexOf(waiting);
        if (index !== -1) this.#queue.splice(index, 1);
        reject(reason);
      },
    };
  }

  /** Ends the thread after the calls made so far; resolves when it is gone. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#worker.ref();
    this.#postNext();
    await this.#exit;
  }

  #postNext(): void {
    while (this.#posted.size < MAX_POSTED) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) break;
      const id = this.#nextId++;
      try {
        const message = { id, kind: waiting.kind, ...waiting.makeRequest() } as WorkerRequest;
        this.#worker.postMessage(message, message.kind === 'run' ? buffersOf(message.values) : []);
        this.#posted.set(id, waiting);
      } catch (error) {
        waiting.reject(ServingError.from(error, 'INVALID_ARGUMENT'));
      }
    }
    if (this.#posted.size > 0 || this.#end !== undefined) return;
    if (this.#closing) this.#worker.postMessage({ kind: 'exit' } satisfies WorkerRequest);
    else this.#worker.unref();
  }

  #onReply(reply: WorkerReply): void {
    const waiting = this.#posted.get(reply.id)!;
    this.#posted.delete(reply.id);
    this.#postNext();
    if (reply.ok) waiting.resolve(reply.answer as never);
    else waiting.reject(addonError(waiting.kind, reply.failure, this.#packageName));
  }

  #onEnd(cause: Error | undefined): void {
    const reason = cause === undefined ? '' : `: ${cause.message}`;
    this.#end ??= new ServingError('UNAVAILABLE', `The worker thread of tfjs-node has ended${reason}`, { cause });
    for (const waiting of [...this.#posted.values(), ...this.#queue]) waiting.reject(this.#end);
    this.#posted.clear();
    this.#queue.length = 0;
  }
}

function withResolvers<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: ServingError) => void;
} {
  let resolve!: (value: T) => void;
  let reject!: (error: ServingError) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
