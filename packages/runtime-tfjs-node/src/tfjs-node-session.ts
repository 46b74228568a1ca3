/** A SavedModel that the worker thread has loaded. */
import { ServingError } from '@serving/core';
import type { LimitedWait } from '@serving/core/extend';
import { abortCause, type DeadlineTimer, limitError, limitsOf } from '@serving/core/internal';
import type { Tensor } from '@serving/core/tensor';
import type { PreparedRun, Session, SessionRunOptions } from '@serving/engine';
import type { AddonWorker } from './addon-worker.js';
import { fromPostedTensor, toPostedTensor } from './posted-tensor.js';
import { fullTensorName, type RunnableTensors } from './runnable-tensors.js';

/** What a session is made of. */
interface TfjsNodeSessionParts {
  readonly worker: AddonWorker;
  /** Its number in the worker. */
  readonly session: number;
  readonly tensors: RunnableTensors;
  readonly libraryVersion: string;
  readonly deadlines: DeadlineTimer;
}

/** Runs are executed one after the other, together with those of the runtime's other sessions. */
export class TfjsNodeSession implements Session {
  readonly libraryVersion: string;
  readonly #worker: AddonWorker;
  readonly #session: number;
  readonly #tensors: RunnableTensors;
  readonly #deadlines: DeadlineTimer;
  #closed: Promise<void> | undefined;

  constructor({ worker, session, tensors, libraryVersion, deadlines }: TfjsNodeSessionParts) {
    this.libraryVersion = libraryVersion;
    this.#worker = worker;
    this.#session = session;
    this.#tensors = tensors;
    this.#deadlines = deadlines;
  }

  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun {
    const feedNames = feeds.map((name) => knownName(name, this.#tensors.feeds, 'fed'));
    const fetchNames = fetches.map((name) => knownName(name, this.#tensors.fetches, 'fetched'));
    for (const [i, name] of feedNames.entries()) {
      if (feedNames.indexOf(name) === i) continue;
      throw new ServingError('INVALID_ARGUMENT', `Tensor ${name} is fed more than once`);
    }
    return { run: (values, options) => this.#run(feedNames, fetchNames, values, options) };
  }

  close(): Promise<void> {
    // Calls are answered in order: when this one is, the runs before it have ended.
    this.#closed ??= this.#worker.hasEnded
      ? Promise.resolve()
      : this.#worker.call('unload', () => ({ session: this.#session })).answer.then(() => undefined);
    return this.#closed;
  }

  async #run(
    feeds: readonly string[],
    fetches: readonly string[],
    values: readonly Tensor[],
    options: SessionRunOptions = {},
  ): Promise<Tensor[]> {
    if (this.#closed !== undefined) throw new ServingError('FAILED_PRECONDITION', 'The session is closed');
    if (options.signal?.aborted) throw limitError(abortCause(options.signal));
    if (values.length !== feeds.length) {
      throw new ServingError('INVALID_ARGUMENT', `${values.length} values were given for ${feeds.length} tensors`);
    }
    for (let i = 0; i < feeds.length; i++) checkDataType(feeds[i]!, values[i]!, this.#tensors.feeds);
    const call = this.#worker.call('run', () => ({
      session: this.#session,
      feeds,
      fetches,
      values: values.map(toPostedTensor),
    }));
    const limits = limitsOf(options, this.#deadlines);
    const wait: LimitedWait = { onLimit: (cause) => call.cancel(limitError(cause)) };
    limits?.add(wait);
    try {
      return (await call.answer).map(fromPostedTensor);
    } finally {
      limits?.remove(wait);
    }
  }
}

function knownName(name: string, tensors: ReadonlyMap<string, unknown>, use: string): string {
  const fullName = fullTensorName(name);
  if (tensors.has(fullName)) return fullName;
  throw new ServingError(
    'NOT_FOUND',
    `Tensor ${name} can't be ${use}: no signature of the model names it, and with tfjs-node only those can be`,
  );
}

/** The addon would find out too, but not free the values then. */
function checkDataType(name: string, { dtype }: Tensor, feeds: RunnableTensors['feeds']): void {
  const expected = feeds.get(name);
  if (dtype === expected) return;
  throw new ServingError('INVALID_ARGUMENT', `Expects ${name} to be ${expected} but ${dtype} is provided`);
}
