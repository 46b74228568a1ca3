/** One request while it waits and runs in batches. */

import type { RejectionReason } from '../diagnostics/events.js';
import type { RequestTrace } from '../diagnostics/request-trace.js';
import { abortCause, limitError } from '../inference/call-limits.js';
import type { LimitCause, LimitedWait, RunLimits, RunOptions } from '../servable/inference-servable.js';
import { ServingError } from '../serving-error.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { BatchTask, Criticality } from './scheduler/batch-scheduler.js';
import { concatRows, sliceRows } from './tensor-rows.js';

/** {@link RunOptions} of a run that may be batched. */
export interface BatchingRunOptions extends RunOptions {
  /** Which of a model's two queues the request waits in. Default `critical`. */
  readonly criticality?: Criticality;
}

/** What a session puts into its scheduler: a request, or a piece of one. */
export interface BatchingSessionTask extends BatchTask {
  readonly inputs: NamedTensors;
  /** Whether it is a part of a large request. */
  readonly isPiece: boolean;
  /** Outputs to fetch; `undefined` for all. */
  readonly outputs: readonly string[] | undefined;
  /** `Clock.now()` time, `Infinity` for none. */
  readonly deadline: number;
  /** What its caller said of the run; a run of nothing else is given it as it is. */
  readonly options: BatchingRunOptions | undefined;
  /** `Clock.now()` time at which the request arrived; 0 when it is not measured. */
  readonly enqueuedAt: number;
  /** The request, if it is measured. */
  readonly trace: RequestTrace | undefined;
  /** Whether its caller has got an answer already, so that it need not run. */
  readonly isSettled: boolean;
  /** Its deadline passed; it may be settled already. */
  expire(): void;
  /** It runs from now on. */
  start(): void;
  /** Its outputs are there. They are the caller's own. */
  succeed(outputs: NamedTensors): void;
  /** It went wrong. Nothing happens when it is settled. */
  fail(error: ServingError): void;
}

/** What a request needs from where it is batched. */
export interface RequestOwner {
  /** ` (model m version 1, signature "s")`, for error texts. */
  readonly place: string;
  /** Takes it out of the queue, if it waits there. */
  withdraw(task: BatchingSessionTask): void;
  onGivenUp(size: number, reason: RejectionReason): void;
}

/** Settles its promise once; as soon as its limits end the wait it leaves the queue. */
export class RequestTask implements BatchingSessionTask, LimitedWait {
  readonly size: number;
  readonly inputs: NamedTensors;
  readonly outputs: readonly string[] | undefined;
  readonly criticality: Criticality | undefined;
  readonly deadline: number;
  readonly options: BatchingRunOptions | undefined;
  readonly enqueuedAt: number;
  readonly trace: RequestTrace | undefined;
  readonly isPiece: boolean = false;
  isSettled = false;
  readonly #owner: RequestOwner;
  readonly #limits: RunLimits | undefined;
  readonly #resolve: (outputs: NamedTensors) => void;
  readonly #reject: (error: ServingError) => void;
  #isRunning = false;
  #isWatched = false;
  #pieces: TaskPiece[] | undefined;

  constructor(
    owner: RequestOwner,
    size: number,
    inputs: NamedTensors,
    options: BatchingRunOptions | undefined,
    limits: RunLimits | undefined,
    enqueuedAt: number,
    resolve: (outputs: NamedTensors) => void,
    reject: (error: ServingError) => void,
  ) {
    this.#owner = owner;
    this.size = size;
    this.inputs = inputs;
    this.outputs = options?.outputs?.length ? options.outputs : undefined;
    this.criticality = options?.criticality;
    this.deadline = options?.deadline ?? Number.POSITIVE_INFINITY;
    this.options = options;
    this.#limits = limits;
    this.enqueuedAt = enqueuedAt;
    this.trace = options?.trace;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Heeds its limits from now on: when it is in the queue, and not when the queue refused it. */
  watch(): void {
    if (this.isSettled || this.#limits === undefined) return;
    this.#isWatched = true;
    this.#limits.add(this);
  }

  start(): void {
    this.#isRunning = true;
    if (this.trace !== undefined) this.trace.enter('run');
  }

  succeed(outputs: NamedTensors): void {
    if (this.isSettled) return;
    this.#end();
    this.#resolve(outputs);
  }

  fail(error: ServingError): void {
    if (this.isSettled) return;
    this.#end();
    this.#reject(error);
  }

  /** Cuts its inputs along dimension 0. The pieces' inputs share their memory with the request's. */
  split(sizes: readonly number[]): readonly BatchingSessionTask[] {
    let begin = 0;
    const pieces = sizes.map((size) => {
      const inputs: NamedTensors = Object.create(null);
      for (const name in this.inputs) inputs[name] = sliceRows(this.inputs[name]!, begin, begin + size);
      begin += size;
      return new TaskPiece(this, size, inputs);
    });
    this.#pieces = pieces;
    return pieces;
  }

  /** A piece is done. The first failure is the request's; its other pieces needn't run then. */
  onPieceDone(): void {
    const pieces = this.#pieces ?? [];
    if (this.isSettled || pieces.some(({ results }) => results === undefined)) return;
    try {
      this.succeed(joinPieces(pieces, this.#owner.place));
    } catch (error) {
      this.fail(ServingError.from(error, 'INTERNAL'));
    }
  }

  onLimit(cause: LimitCause): void {
    if (cause.kind === 'expired') this.expire();
    else this.#giveUp(limitError(cause, this.#owner.place), 'cancelled');
  }

  /** Its caller's signal has aborted before it came. */
  abort(signal: AbortSignal): void {
    this.onLimit(abortCause(signal));
  }

  expire(): void {
    const { place } = this.#owner;
    const error = this.#isRunning
      ? limitError({ kind: 'expired' }, place)
      : new ServingError('RESOURCE_EXHAUSTED', `Run() timeout exceeded while waiting in batching queue${place}`);
    this.#giveUp(error, 'expired');
  }

  #giveUp(error: ServingError, reason: RejectionReason): void {
    if (this.isSettled) return;
    this.fail(error);
    this.#owner.onGivenUp(this.size, reason);
  }

  #end(): void {
    this.isSettled = true;
    if (!this.#isWatched) return;
    this.#limits?.remove(this);
    if (this.#pieces) for (const piece of this.#pieces) this.#owner.withdraw(piece);
    else if (!this.#isRunning) this.#owner.withdraw(this);
  }
}

/** Some rows of a large request. */
class TaskPiece implements BatchingSessionTask {
  readonly size: number;
  readonly inputs: NamedTensors;
  readonly outputs: readonly string[] | undefined;
  readonly criticality: Criticality | undefined;
  readonly deadline: number;
  readonly options: BatchingRunOptions | undefined;
  readonly enqueuedAt: number;
  readonly trace: RequestTrace | undefined;
  readonly isPiece: boolean = true;
  results: NamedTensors | undefined;
  readonly #request: RequestTask;

  constructor(request: RequestTask, size: number, inputs: NamedTensors) {
    this.#request = request;
    this.size = size;
    this.inputs = inputs;
    this.outputs = request.outputs;
    this.criticality = request.criticality;
    this.deadline = request.deadline;
    this.options = request.options;
    this.enqueuedAt = request.enqueuedAt;
    this.trace = request.trace;
  }

  get isSettled(): boolean {
    return this.#request.isSettled;
  }

  expire(): void {
    this.#request.expire();
  }

  start(): void {
    this.#request.start();
  }

  succeed(outputs: NamedTensors): void {
    this.results = outputs;
    this.#request.onPieceDone();
  }

  fail(error: ServingError): void {
    this.#request.fail(error);
  }
}

function joinPieces(pieces: readonly TaskPiece[], place: string): NamedTensors {
  const joined: NamedTensors = Object.create(null);
  for (const name in pieces[0]!.results) {
    const tensors = pieces.map(({ results }) => results![name]!);
    const first = tensors[0]!;
    for (const { shape } of tensors) {
      if (shape.length === first.shape.length && shape.every((size, i) => i === 0 || size === first.shape[i])) continue;
      throw new ServingError(
        'FAILED_PRECONDITION',
        `The parts of a request that was split gave output "${name}" in shapes that can't be joined, [${first.shape}] and [${shape}]${place}`,
      );
    }
    joined[name] = concatRows(tensors);
  }
  return joined;
}
