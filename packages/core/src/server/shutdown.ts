/** The way of a model server from draining to closed. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.js';
import type { DeadlineTimer } from '../inference/call-limits.js';
import type { ManagedServable } from '../manager/basic-manager.js';
import type { ServerRequestLogger } from '../request-logging/server-request-logger.js';
import { formatServableId } from '../servable/servable-id.js';
import { ServingError } from '../serving-error.js';
import type { ConditionWaits } from './condition.js';
import type { ModelServerChain } from './servable-pipeline.js';

/** The longest delay that `setTimeout` supports: 24 days. A longer limit is none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What logs of requests still get to be written, once a limit has passed. */
const LOG_GRACE_MS = 1000;

/** What it works on, all of one server. */
export interface CloseSequenceParts {
  readonly chain: ModelServerChain;
  readonly deadlines: Pick<DeadlineTimer, 'giveUpAll'>;
  readonly requestLogger: ServerRequestLogger;
  readonly clock: Clock;
  /** Called whenever the state of a version changes. */
  readonly waits: ConditionWaits;
  readonly onError: (error: ServingError) => void;
}

/**
 * Begins with its construction: versions unload as their handles are released. After the timeout, runs in flight are given up, and
 * the shutdown ends as soon as only held handles and loads that don't stop keep versions in memory. Those unload later.
 * Request logs are written last.
 */
export class CloseSequence {
  /** Resolves when everything is unloaded and closed, or time is up. */
  readonly over: Promise<void>;
  readonly #parts: CloseSequenceParts;
  readonly #cancelTimers: (() => void)[] = [];
  #isUnloaded = false;
  #isComplete = false;
  #end: () => void = () => {};

  constructor(parts: CloseSequenceParts) {
    this.#parts = parts;
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
    void this.#complete();
  }

  /** Sets the time after which runs are given up, in milliseconds from now. The earliest one counts. */
  limit(timeoutMs: number): void {
    if (this.#isComplete || timeoutMs > MAX_TIMER_MS) return;
    this.#cancelTimers.push(this.#parts.clock.setTimer(() => void this.#giveUp(), timeoutMs));
  }

  async #complete(): Promise<void> {
    const { chain, deadlines, requestLogger, waits } = this.#parts;
    await chain.close();
    this.#isUnloaded = true;
    deadlines.giveUpAll();
    waits.somethingChanged();
    await requestLogger.close();
    this.#isComplete = true;
    this.#stopTimers();
    this.#end();
  }

  async #giveUp(): Promise<void> {
    const { chain, deadlines, waits } = this.#parts;
    this.#stopTimers();
    deadlines.giveUpAll();
    // Those who waited for the runs release their handles.
    await nextTurn();
    const listKept = (): ManagedServable[] => chain.manager.listManagedServables().filter(isKept);
    await waits.until(() => this.#isUnloaded || (listKept().length > 0 && listKept().every(isStuck)));
    await this.#writeLogs();
    if (this.#isComplete) return;
    this.#tellKept(listKept());
    this.#end();
  }

  /** They may be on a disk that hangs. */
  async #writeLogs(): Promise<void> {
    const { clock, requestLogger, onError } = this.#parts;
    const graceIsOver = new Promise<boolean>((resolve) => {
      this.#cancelTimers.push(clock.setTimer(() => resolve(true), LOG_GRACE_MS));
    });
    const areLost = await Promise.race([requestLogger.close().then(() => false), graceIsOver]);
    this.#stopTimers();
    if (areLost) {
      onError(
        new ServingError('DEADLINE_EXCEEDED', 'The model server closed before all logs of requests were written'),
      );
    }
  }

  #tellKept(servables: readonly ManagedServable[]): void {
    if (servables.length === 0) return;
    const kept = servables.map(
      ({ id, state }) =>
        `${formatServableId(id)} is ${state.kind === 'quiescing' ? 'held by a handle' : 'still loading'}`,
    );
    this.#parts.onError(
      new ServingError(
        'DEADLINE_EXCEEDED',
        `The model server closed before everything was unloaded: ${kept.join(', ')}`,
      ),
    );
  }

  #stopTimers(): void {
    for (const cancel of this.#cancelTimers.splice(0)) cancel();
  }
}

/** Whether it still has, or may come to have, something in memory. */
function isKept({ state: { kind } }: ManagedServable): boolean {
  return kind !== 'new' && kind !== 'disabled' && kind !== 'error';
}

/** Whether nothing moves but by others: by those who hold handles, or by loaders that don't heed their signal. */
function isStuck({ state: { kind } }: ManagedServable): boolean {
  return kind === 'quiescing' || kind === 'load-requested' || kind === 'loading';
}
