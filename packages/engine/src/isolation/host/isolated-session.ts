/** A session whose model runs in a process of its own, which is started again when it ends. */
import { MessageChannel } from 'node:worker_threads';
import { ServingError } from '@serving/core';
import type { Clock, SlotsView } from '@serving/core/extend';
import { builtModuleUrl, DeadlineTimer } from '@serving/core/internal';
import type { LoadedFor, PreparedRun, Session, SharedSession } from '../../runtime/saved-model-runtime.js';
import { type LoadRequest, MAX_CHOICES, type PrepareRequest } from '../messages/control-messages.js';
import { type HardLimit, IsolatedPreparedRun, type IsolatedRun, type RunSession } from '../runs/isolated-run.js';
import type { RemoteRun } from '../runs/remote-run.js';
import { ServedThread } from '../threads/served-thread.js';
import type { SharedIsolatedSession } from '../threads/thread-session.js';
import { DeathBudget } from './death-budget.js';
import { ModelProcess, type ProcessLaunch, type ProcessOwner } from './model-process.js';
import { givenUpError, type ProcessEnd, placeOf, processEndError } from './process-end.js';
import { reportProcess } from './process-events.js';
import { RunQueue } from './run-queue.js';
import { type WarmedSession, WarmUpSession } from './warm-up-session.js';

/** What a session needs to load its model, as often as it has to. */
export interface IsolatedLoad {
  readonly request: LoadRequest;
  readonly launch: ProcessLaunch;
  readonly clock: Clock;
  readonly maxDeathsPerMinute: number | false;
  readonly maxRunMs: number | undefined;
  /** How many runs the engine makes at a time. */
  readonly concurrentRuns: number;
  /** Limits the memory of a process until the returned function is called, when it has ended. That returns why, if the limit was the reason. */
  readonly limitMemory: (process: ModelProcess) => () => string | undefined;
  readonly loadedFor: LoadedFor;
}

/**
 * The process that ends takes the runs in flight along; those that come wait for the next one. While a load fails or a process ends
 * before it has loaded, that counts as one more end.
 */
export class IsolatedSession implements Session, RunSession, WarmedSession, ProcessOwner {
  engine: string | undefined;
  libraryVersion: string | undefined;
  unbatchedSignatures: ReadonlySet<string> | undefined;
  readonly slots: SlotsView;
  readonly deadlines: DeadlineTimer;
  readonly hardLimit: HardLimit | undefined;
  readonly #load: IsolatedLoad;
  readonly #place: string;
  readonly #deaths: DeathBudget;
  readonly #queue: RunQueue;
  /** By their number in the process. Clients choose tensors, so unused choices are deleted. */
  readonly #choices = new Map<number, PrepareRequest>();
  readonly #unused = new FinalizationRegistry<number>((choice) => this.forgetChoice(choice));
  #nextChoice = 0;
  /** The newest; it may be loading. */
  #process: ModelProcess | undefined;
  /** Resolves when the memory that was shared with earlier processes is the system's again. */
  #released: Promise<unknown> | undefined;
  #isLoaded = false;
  #wasLoaded = false;
  #rejectLoad: ((end: ProcessEnd) => void) | undefined;
  #endLimit: () => string | undefined = noReason;
  #cancelRestart: () => void = () => {};
  /** Why no more runs begin. */
  #ended: ServingError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(load: IsolatedLoad) {
    this.#load = load;
    this.#place = placeOf(load.loadedFor.id);
    this.deadlines = new DeadlineTimer(load.clock);
    this.hardLimit = load.maxRunMs === undefined ? undefined : this.#hardLimit(load.maxRunMs);
    this.#deaths = new DeathBudget(load.clock, load.maxDeathsPerMinute);
    const queue = new RunQueue((run) => this.#startRun(run));
    this.#queue = queue;
    this.slots = {
      get wantsNext() {
        return queue.inFlight === load.concurrentRuns;
      },
    };
  }

  /**
   * Starts a process and has it load the model.
   *
   * @throws ServingError the engine's; `UNAVAILABLE` when processes ended more often than allowed before one had loaded it.
   */
  static async load(load: IsolatedLoad): Promise<IsolatedSession> {
    const session = new IsolatedSession(load);
    const { signal } = load.loadedFor;
    const abort = (): void => void session.close();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      await session.#bringUp();
      return session;
    } catch (error) {
      await session.close();
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun {
    if (this.#closing !== undefined) throw closedError();
    const request = { feeds, fetches };
    const choice = this.addChoice(request);
    if (this.#isLoaded) this.#process?.prepare(choice, request);
    const prepared = new IsolatedPreparedRun(this, choice, feeds.length);
    this.#unused.register(prepared, choice);
    return prepared;
  }

  /** The other thread's runs come through this one. */
  share(): SharedSession {
    const { port1, port2 } = new MessageChannel();
    new ServedThread(this, port1);
    const data: SharedIsolatedSession = {
      port: port2,
      engine: this.engine,
      unbatchedSignatures: this.unbatchedSignatures,
      concurrentRuns: this.#load.concurrentRuns,
    };
    return { module: builtModuleUrl('../threads/thread-session.js', import.meta.url), data, transfer: [port2] };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  submit(run: IsolatedRun): void {
    const refusal = this.#ended ?? (this.#closing && closedError());
    if (refusal !== undefined) run.reject(refusal);
    else this.#queue.add(run);
  }

  giveUp(run: IsolatedRun): void {
    if (!this.#queue.remove(run) && run.id >= 0) this.#process?.cancel(run.id);
  }

  onSettled(): void {
    this.#queue.onSettled();
  }

  onEnd(ended: ProcessEnd, inFlight: readonly RemoteRun[]): void {
    const limitReason = this.#endLimit();
    const end = { ...ended, reason: ended.reason ?? limitReason };
    this.#endLimit = noReason;
    this.#released = Promise.all([this.#released, this.#process?.close()]);
    this.#process = undefined;
    this.#queue.pause();
    const wasLoaded = this.#isLoaded;
    this.#isLoaded = false;
    if (this.#closing === undefined) reportProcess(this.#load.loadedFor.id, 'ended', end);
    for (const run of inFlight) (run as IsolatedRun).onProcessEnd(processEndError(end, this.#place));
    if (!wasLoaded) this.#rejectLoad?.(end);
    else if (this.#closing === undefined) void this.#restart(end);
  }

  addChoice(request: PrepareRequest): number {
    const choice = this.#newChoice();
    this.#choices.set(choice, request);
    return choice;
  }

  forgetChoice(choice: number): void {
    this.#choices.delete(choice);
    if (this.#isLoaded) this.#process?.forget(choice);
  }

  #hardLimit(maxRunMs: number): HardLimit {
    return {
      maxRunMs,
      timer: new DeadlineTimer(this.#load.clock),
      onOverdue: () => this.#process?.kill(`a run took longer than maxRunMs (${maxRunMs})`),
      overdueError: () => {
        const message = `The run took longer than maxRunMs (${maxRunMs}); its process was ended${this.#place}`;
        return new ServingError('DEADLINE_EXCEEDED', message);
      },
    };
  }

  #newChoice(): number {
    do this.#nextChoice = (this.#nextChoice + 1) % MAX_CHOICES;
    while (this.#choices.has(this.#nextChoice));
    return this.#nextChoice;
  }

  /** Starts processes until one has loaded the model. */
  async #bringUp(): Promise<void> {
    for (;;) {
      const end = await this.#start();
      if (end === undefined) return;
      await this.#beforeNext(end);
    }
  }

  async #restart(end: ProcessEnd): Promise<void> {
    try {
      await this.#beforeNext(end);
      for (;;) {
        let next: ProcessEnd | undefined;
        try {
          next = await this.#start();
        } catch (error) {
          if (this.#closing !== undefined) return;
          next = await this.#endAfterFailure(ServingError.from(error));
        }
        if (next === undefined) return;
        await this.#beforeNext(next);
      }
    } catch (error) {
      if (this.#closing === undefined) this.#giveUp(ServingError.from(error));
    }
  }

  /** Waits until a process may be started after this end. @throws ServingError when none may. */
  async #beforeNext(end: ProcessEnd): Promise<void> {
    if (this.#closing !== undefined) throw closedError();
    const { maxDeathsPerMinute: maximum, clock } = this.#load;
    const { count, isExceeded, delayMs } = this.#deaths.record();
    if (isExceeded) throw givenUpError(end, count, maximum, this.#place);
    if (delayMs === 0) return;
    const alive = keepAlive();
    try {
      await new Promise<void>((resolve) => {
        const cancel = clock.setTimer(resolve, delayMs);
        this.#cancelRestart = () => {
          cancel();
          resolve();
        };
      });
    } finally {
      clearInterval(alive);
    }
    if (this.#closing !== undefined) throw closedError();
  }

  /** Resolves with `undefined` when a process has loaded the model, or with how it ended before. */
  async #start(): Promise<ProcessEnd | undefined> {
    const { launch, request, loadedFor, limitMemory } = this.#load;
    const process = new ModelProcess(this, launch);
    this.#process = process;
    this.#endLimit = limitMemory(process);
    process.setReferenced(true);
    const ended = new Promise<ProcessEnd>((resolve) => {
      this.#rejectLoad = resolve;
    });
    const loaded = await Promise.race([process.load(request), ended]);
    if ('pid' in loaded) return loaded;
    const end = this.#wasLoaded && (await this.#warmUp(process, loaded.engine, ended));
    if (end) return end;
    this.#rejectLoad = undefined;
    process.setReferenced(false);
    if (this.#closing !== undefined) throw closedError();
    this.engine = loaded.engine;
    this.libraryVersion = loaded.libraryVersion;
    this.unbatchedSignatures = loaded.unbatchedSignatures && new Set(loaded.unbatchedSignatures);
    for (const [choice, prepared] of this.#choices) process.prepare(choice, prepared);
    this.#isLoaded = true;
    reportProcess(loadedFor.id, 'started', { pid: process.pid, isRestart: this.#wasLoaded });
    this.#wasLoaded = true;
    this.#queue.open();
    return undefined;
  }

  /** Runs the version's warm-up in a process that takes no other runs yet. Resolves with how the process ended, if it did. */
  async #warmUp(
    process: ModelProcess,
    engine: string | undefined,
    ended: Promise<ProcessEnd>,
  ): Promise<ProcessEnd | undefined> {
    const session = new WarmUpSession(this, process, engine);
    const warmUp = async (): Promise<undefined> => {
      try {
        await this.#load.loadedFor.warmUpAgain?.(session);
      } catch (error) {
        if (!process.hasEnded) throw ServingError.from(error);
      }
    };
    const end = await Promise.race([warmUp(), ended]);
    await session.close();
    return process.hasEnded ? ended : end;
  }

  /** A reload that the engine refused, or a warm-up that failed: its process is ended, and what waits is answered. */
  async #endAfterFailure(error: ServingError): Promise<ProcessEnd> {
    const pid = this.#process?.pid;
    const reason = `the model could not be loaded again: ${error.message}`;
    await this.#process?.close(reason);
    const failed = new ServingError(
      'UNAVAILABLE',
      `The model could not be loaded again: ${error.message}${this.#place}`,
    );
    for (const run of this.#queue.takeWaiting()) run.reject(failed);
    return { pid, signal: undefined, code: undefined, reason, lastLines: [] };
  }

  #giveUp(error: ServingError): void {
    this.#ended = error;
    for (const run of this.#queue.takeWaiting()) run.reject(error);
    this.#load.loadedFor.onEnded?.(error);
  }

  #startRun(run: IsolatedRun): void {
    try {
      run.start(this.#process!.run(run, run.prepared.choice, run.requests, run.values));
    } catch (error) {
      run.fail(ServingError.from(error, 'INTERNAL'));
    }
  }

  async #close(): Promise<void> {
    if (this.#isLoaded) await this.#queue.whenIdle();
    this.#cancelRestart();
    for (const run of this.#queue.takeWaiting()) run.reject(closedError());
    await this.#process?.close();
    await this.#released;
  }
}

function noReason(): undefined {}

/** Keeps the process alive while a restart is waited for: the clock's timers don't. */
function keepAlive(): NodeJS.Timeout {
  return setInterval(() => {}, 2 ** 30);
}

function closedError(): ServingError {
  return new ServingError('FAILED_PRECONDITION', 'The session is closed');
}
