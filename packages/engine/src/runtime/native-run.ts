/** Runs of native calls, on a thread or inline, by measured times. */
import { availableParallelism } from 'node:os';
import { ServingError } from '@serving/core';
import type { Clock } from '@serving/core/extend';
import { abortCause, DeadlineTimer, limitError } from '@serving/core/internal';
import type { Tensor } from '@serving/core/tensor';
import type { ThreadUsage } from '../native/thread-usage.js';
import type { NativeCall, RunGate, RunPlaceOptions } from './native-call.js';
import { AutoRunMode, type RunMode } from './run-mode.js';
import type { RunLane } from './run-slots.js';
import type { PreparedRun, SessionRunOptions } from './saved-model-runtime.js';
import { ThreadedRun, type ThreadedRunOwner } from './threaded-run.js';

/** Prepares the runs of an engine. */
export class NativeRuns {
  readonly #clock: Clock;
  readonly #deadlines: DeadlineTimer;
  readonly #mode: RunMode;

  readonly #usage: ThreadUsage | undefined;

  /** @param usage of the calling thread, where the system reports it */
  constructor(clock: Clock, mode: RunMode, usage?: ThreadUsage) {
    this.#usage = usage;
    this.#clock = clock;
    this.#deadlines = new DeadlineTimer(clock);
    this.#mode = mode;
  }

  /** A call as something to run, whose runs take turns with others of the gate's lane. */
  prepare<S>(gate: RunGate, call: NativeCall<S>, feedCount: number): PreparedRun {
    return new NativeRun(this.#clock, this.#deadlines, this.#mode, gate, call, feedCount, this.#usage);
  }
}

class NativeRun<S> implements PreparedRun, ThreadedRunOwner<S> {
  readonly call: NativeCall<S>;
  readonly lane: RunLane;
  readonly clock: Clock;
  readonly deadlines: DeadlineTimer;
  readonly #gate: RunGate;
  readonly #feedCount: number;
  readonly #mode: RunMode;
  readonly #usage: ThreadUsage | undefined;
  readonly #auto: AutoRunMode;
  /** For runs that several requests share. Those that use several threads wait for the others, which the event loop must not. */
  readonly #autoShared: AutoRunMode;

  constructor(
    clock: Clock,
    deadlines: DeadlineTimer,
    mode: RunMode,
    gate: RunGate,
    call: NativeCall<S>,
    feedCount: number,
    usage: ThreadUsage | undefined,
  ) {
    this.#usage = usage;
    this.call = call;
    this.lane = gate.lane;
    this.clock = clock;
    this.deadlines = deadlines;
    this.#gate = gate;
    this.#feedCount = feedCount;
    this.#mode = mode;
    const place = { hasIdleLoop: gate.hasOwnProcess && hasFewProcessors(), isServingThread: gate.isShared };
    this.#auto = new AutoRunMode(place);
    this.#autoShared =
      gate.isSingleThreaded || place.hasIdleLoop ? new AutoRunMode({ ...place, hasSharedRuns: true }) : this.#auto;
  }

  run(values: readonly Tensor[], options?: SessionRunOptions): Tensor[] | Promise<Tensor[]> {
    const bytes = inputBytes(values);
    const requests = options?.requests ?? 1;
    const isInline = this.#isInline(bytes, requests);
    const error = this.#gate.enter() ?? this.#refuse(values, isInline ? undefined : options);
    if (isInline) {
      if (error !== undefined) throw error;
      return this.#runInline(values, requests);
    }
    if (error !== undefined) return Promise.reject(error);
    return new Promise((resolve, reject) => {
      this.lane.submit(new ThreadedRun(this, values, bytes, options, { resolve, reject }));
    });
  }

  onEnd(micros: number | undefined, idleMicros: number, bytes: number, requests: number): void {
    if (micros !== undefined && this.#mode === 'auto') this.#autoOf(requests).recordThread(micros, bytes, idleMicros);
    this.#gate.leave();
  }

  #isInline(bytes: number, requests: number): boolean {
    return this.#mode === 'inline' || (this.#mode === 'auto' && this.#autoOf(requests).isInline(bytes));
  }

  #autoOf(requests: number): AutoRunMode {
    return requests === 1 ? this.#auto : this.#autoShared;
  }

  /** The run has been counted in. */
  #runInline(values: readonly Tensor[], requests: number): Tensor[] {
    const { call } = this;
    try {
      const slot = call.open(values);
      try {
        if (this.#mode === 'auto') this.#runMeasured(slot, requests);
        else call.runInline(slot);
        return call.read(slot);
      } finally {
        call.close(slot);
      }
    } catch (error) {
      throw ServingError.from(error, 'INTERNAL');
    } finally {
      this.#gate.leave();
    }
  }

  #runMeasured(slot: S, requests: number): void {
    const { call, clock } = this;
    const auto = this.#autoOf(requests);
    const usage = auto.wantsProcessorTime ? this.#usage : undefined;
    usage?.begin();
    const startedAt = clock.now();
    call.runInline(slot);
    const micros = (clock.now() - startedAt) * 1000;
    const used = usage?.end();
    if (used !== undefined) auto.recordInline(used, requests, 'processor');
    else auto.recordInline(micros, requests, usage === undefined && this.#usage !== undefined ? 'doubtful' : 'wall');
  }

  /** Counts the run out again when it must not begin. */
  #refuse(values: readonly Tensor[], options: SessionRunOptions | undefined): ServingError | undefined {
    let error: ServingError | undefined;
    if (values.length !== this.#feedCount) {
      error = new ServingError('INVALID_ARGUMENT', `Expected ${this.#feedCount} inputs, got ${values.length}`);
    } else if (options?.signal?.aborted) {
      error = limitError(abortCause(options.signal));
    } else if (options?.deadline !== undefined && options.deadline <= this.clock.now()) {
      error = limitError({ kind: 'expired' });
    }
    if (error !== undefined) this.#gate.leave();
    return error;
  }
}

/**
 * The process that sends the runs keeps one of two processors busy, so threads would not make more runs at a time. To hand a run over costs
 * 0.2 ms. With more processors threads answer more requests.
 */
function hasFewProcessors(): boolean {
  return availableParallelism() <= 2;
}

function inputBytes(values: readonly Tensor[]): number {
  let bytes = 0;
  for (let i = 0; i < values.length; i++) bytes += values[i]!.data.byteLength;
  return bytes;
}

/** The runs of one session, counted so that its close waits for the last of them. */
export class SessionRuns implements RunGate {
  readonly lane: RunLane;
  readonly isSingleThreaded: boolean;
  readonly isShared: boolean;
  readonly hasOwnProcess: boolean;
  /** Those that a thread executes. */
  onThreads = 0;
  /** Whether no more may begin. */
  isClosed = false;
  #running = 0;
  #onIdle: (() => void) | undefined;

  constructor(
    lane: RunLane,
    { isSingleThreaded = false, isShared = false, hasOwnProcess = false }: RunPlaceOptions = {},
  ) {
    this.lane = lane;
    this.isSingleThreaded = isSingleThreaded;
    this.isShared = isShared;
    this.hasOwnProcess = hasOwnProcess;
  }

  enter(): ServingError | undefined {
    if (this.isClosed) return closedError();
    this.#running++;
    return undefined;
  }

  /** @throws ServingError `FAILED_PRECONDITION` when no more runs may begin. */
  throwIfClosed(): void {
    if (this.isClosed) throw closedError();
  }

  leave(): void {
    if (--this.#running === 0) this.#onIdle?.();
  }

  /** Lets no more runs begin, and resolves when none is left. */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }
}

function closedError(): ServingError {
  return new ServingError('FAILED_PRECONDITION', 'The session is closed');
}
