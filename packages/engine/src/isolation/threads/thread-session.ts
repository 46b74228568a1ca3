/** A model in a process of its own, in a thread that did not start the process. Loaded by its URL in serving threads. */
import type { MessagePort } from 'node:worker_threads';
import { ServingError } from '@serving/core';
import { type SlotsView, systemClock } from '@serving/core/extend';
import { DeadlineTimer } from '@serving/core/internal';
import type { PreparedRun, Session, SharedSessionModule } from '../../runtime/saved-model-runtime.js';
import type { ControlEvents } from '../messages/control-link.js';
import {
  type FailureReply,
  MAX_CHOICES,
  MessageKind,
  type PrepareRequest,
  runNumber,
} from '../messages/control-messages.js';
import { ControlPort } from '../messages/control-port.js';
import { decodeFailure } from '../messages/failure.js';
import { type IncomingMessage, jsonBody } from '../messages/message-buffer.js';
import { MessageTensors } from '../messages/message-tensors.js';
import { IsolatedPreparedRun, type IsolatedRun, type RunSession } from '../runs/isolated-run.js';

/** The session for one other thread. */
export interface SharedIsolatedSession {
  /** The other end is a `ServedThread`. */
  readonly port: MessagePort;
  readonly engine: string | undefined;
  readonly unbatchedSignatures: ReadonlySet<string> | undefined;
  /** How many runs the engine makes at a time. */
  readonly concurrentRuns: number;
}

export const openSharedSession: SharedSessionModule['openSharedSession'] = (data) =>
  new ThreadSession(data as SharedIsolatedSession);

/** Limits of callers are watched here; the process, its restarts and hard limits in the thread that has it. */
class ThreadSession implements Session, RunSession, ControlEvents {
  readonly engine: string | undefined;
  readonly unbatchedSignatures: ReadonlySet<string> | undefined;
  readonly slots: SlotsView;
  readonly deadlines: DeadlineTimer = new DeadlineTimer(systemClock);
  readonly hardLimit: undefined;
  readonly #port: ControlPort;
  readonly #tensors: MessageTensors = new MessageTensors();
  readonly #runs = new Map<number, IsolatedRun>();
  readonly #choices = new Set<number>();
  readonly #unused = new FinalizationRegistry<number>((choice) => this.#forget(choice));
  #nextChoice = 0;
  #nextRun = 0;
  #closing: Promise<void> | undefined;
  #onIdle: () => void = () => {};

  constructor({ port, engine, unbatchedSignatures, concurrentRuns }: SharedIsolatedSession) {
    this.engine = engine;
    this.unbatchedSignatures = unbatchedSignatures;
    this.#port = new ControlPort(port, this);
    const runs = this.#runs;
    this.slots = {
      get wantsNext() {
        return runs.size === concurrentRuns;
      },
    };
  }

  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun {
    if (this.#closing !== undefined) throw closedError();
    do this.#nextChoice = (this.#nextChoice + 1) % MAX_CHOICES;
    while (this.#choices.has(this.#nextChoice));
    const choice = this.#nextChoice;
    this.#choices.add(choice);
    this.#port.outgoing.addJson(MessageKind.prepare, choice, { feeds, fetches } satisfies PrepareRequest);
    const prepared = new IsolatedPreparedRun(this, choice, feeds.length);
    this.#unused.register(prepared, choice);
    return prepared;
  }

  /** Waits for this thread's runs. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  submit(run: IsolatedRun): void {
    if (this.#closing !== undefined) {
      run.reject(closedError());
      return;
    }
    const { prepared, requests, isSuspect, values } = run;
    const id = this.#nextRun;
    this.#nextRun = (id + 1) >>> 0;
    this.#tensors.measure(values);
    const number = runNumber(prepared.choice, requests, isSuspect);
    this.#tensors.add(this.#port.outgoing, MessageKind.run, id, number, values);
    this.#runs.set(id, run);
    run.start(id);
    // A lone run has nothing to wait for.
    if (this.#runs.size === 1) this.#port.flush();
    else this.#port.flushSoon();
  }

  giveUp({ id }: IsolatedRun): void {
    this.#port.outgoing.addWords(MessageKind.cancel, id, 0, []);
    this.#port.flushSoon();
  }

  onSettled(): void {
    if (this.#runs.size === 0) this.#onIdle();
  }

  onMessage(message: IncomingMessage): void {
    const run = this.#runs.get(message.id);
    this.#runs.delete(message.id);
    if (message.kind === MessageKind.result) run?.succeed(this.#tensors.views(message));
    else run?.fail(decodeFailure(jsonBody<FailureReply>(message)));
  }

  /** Only this end closes it, when no run is left. */
  onClosed(): void {}

  #forget(choice: number): void {
    this.#choices.delete(choice);
    if (this.#closing !== undefined) return;
    this.#port.outgoing.addWords(MessageKind.forget, choice, 0, []);
    this.#port.flushSoon();
  }

  async #close(): Promise<void> {
    if (this.#runs.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    this.#port.destroy();
  }
}

function closedError(): ServingError {
  return new ServingError('FAILED_PRECONDITION', 'The session is closed');
}
