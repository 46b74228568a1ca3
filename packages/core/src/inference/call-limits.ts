/** The one place where a signal or a deadline ends a wait. */
import type { Clock } from '../clock.js';
import type { LimitCause, LimitedWait, RunLimits } from '../servable/inference-servable.js';
import { ServingError } from '../serving-error.js';
import type { ErrorCode } from '../status-code.js';

/** How long a caller waits. Each API has its own; the getters are read for runs only that are not over when they return. */
export interface CallLimits {
  /** Whether the caller has given up before the run. */
  readonly isAborted: boolean;
  readonly signal: AbortSignal | undefined;
  /** `Clock.now()` time; `undefined` for none. */
  readonly deadline: number | undefined;
  /** The message of `DEADLINE_EXCEEDED`, for an API with a text of its own. */
  readonly timeoutMessage?: string;
}

/** Whether a signal is that of a time-out. */
function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** The cause that an aborted signal is. */
export function abortCause({ reason }: AbortSignal): LimitCause {
  return isTimeout(reason) ? { kind: 'expired', reason } : { kind: 'aborted', reason };
}

/**
 * The error of a run that is given up within batching or an engine: a `ServingError` that the caller aborted with stays
 * what it is.
 *
 * @param place behind the message, such as ` (model m version 1)`
 */
export function limitError({ kind, reason }: LimitCause, place = ''): ServingError {
  if (kind === 'closing') return new ServingError('UNAVAILABLE', `The run was given up${place}`);
  if (kind === 'expired') {
    return new ServingError('DEADLINE_EXCEEDED', `Timed out waiting for notification${place}`, { cause: reason });
  }
  if (reason instanceof ServingError) return reason;
  return new ServingError('CANCELLED', `The run was cancelled${place}`, { cause: reason });
}

/** The error of a run that reached its limit. */
export const callErrors: Readonly<Record<LimitCause['kind'], readonly [code: ErrorCode, what: string]>> = {
  expired: ['DEADLINE_EXCEEDED', 'took longer than its deadline allows'],
  aborted: ['CANCELLED', 'was cancelled'],
  closing: ['UNAVAILABLE', 'was given up: the model server closes'],
};

/** The limits that a run has been given, `undefined` for none: its caller's, which are watched already, or a watch of its own. */
export function limitsOf(
  options: {
    readonly limits?: RunLimits | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly deadline?: number | undefined;
  },
  timer: DeadlineTimer,
): RunLimits | undefined {
  if (options.limits !== undefined) return options.limits;
  const { signal, deadline = Number.POSITIVE_INFINITY } = options;
  if (signal === undefined && deadline === Number.POSITIVE_INFINITY) return undefined;
  return new LimitWatch(signal, deadline, timer);
}

/**
 * Watches the signal and the deadline of one caller for all that it waits for: one listener and one entry in the timer,
 * while there is a wait.
 */
export class LimitWatch implements RunLimits, TimedWait {
  readonly deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: DeadlineTimer;
  #waits: LimitedWait[] = [];

  /** @param deadline `Clock.now()` time; `Infinity` for none */
  constructor(signal: AbortSignal | undefined, deadline: number, timer: DeadlineTimer) {
    this.deadline = deadline;
    this.#signal = signal;
    this.#timer = timer;
  }

  /** Whether the deadline has passed. */
  get isExpired(): boolean {
    return this.#timer.now() >= this.deadline;
  }

  add(wait: LimitedWait): void {
    const signal = this.#signal;
    if (signal?.aborted) {
      wait.onLimit(abortCause(signal));
      return;
    }
    if (this.#waits.push(wait) > 1) return;
    signal?.addEventListener('abort', this, { once: true });
    this.#timer.add(this);
  }

  remove(wait: LimitedWait): void {
    const at = this.#waits.indexOf(wait);
    if (at < 0) return;
    this.#waits.splice(at, 1);
    if (this.#waits.length === 0) this.#stop();
  }

  /** The signal aborted. */
  handleEvent(): void {
    this.#end(abortCause(this.#signal!));
  }

  onExpired(): void {
    this.#end({ kind: 'expired' });
  }

  onGivenUp(): void {
    this.#end({ kind: 'closing' });
  }

  #end(cause: LimitCause): void {
    const waits = this.#waits;
    this.#waits = [];
    this.#stop();
    for (const wait of waits) wait.onLimit(cause);
  }

  #stop(): void {
    this.#timer.remove(this);
    this.#signal?.removeEventListener('abort', this);
  }
}

/** The longest delay that `setTimeout` supports. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A wait that may have a deadline, until it is taken out of its timer. */
export interface TimedWait {
  /** `Clock.now()` time; `Infinity` for none. */
  readonly deadline: number;
  onExpired(): void;
  /** Called by {@link DeadlineTimer.giveUpAll}. */
  onGivenUp(): void;
}

/**
 * Ends many waits at their deadlines with one timer. Adding and removing a wait touches no timer as long as deadlines come in order, as those of requests with one time
 * limit do. A timer that finds nothing expired goes to sleep again until the next deadline.
 */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #waits = new Set<TimedWait>();
  #wakeTime = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The time on its clock. */
  now(): number {
    return this.#clock.now();
  }

  add(wait: TimedWait): void {
    this.#waits.add(wait);
    if (wait.deadline < this.#wakeTime) this.#sleepUntil(wait.deadline);
  }

  remove(wait: TimedWait): void {
    this.#waits.delete(wait);
  }

  /** Ends every wait now, whatever its deadline. No timer is left. */
  giveUpAll(): void {
    this.#cancelTimer?.();
    this.#wakeTime = Number.POSITIVE_INFINITY;
    for (const wait of this.#waits) {
      this.#waits.delete(wait);
      wait.onGivenUp();
    }
  }

  #sleepUntil(time: number): void {
    this.#cancelTimer?.();
    this.#wakeTime = time;
    const delay = Math.ceil(time - this.#clock.now());
    this.#cancelTimer = this.#clock.setTimer(() => this.#wake(), Math.min(Math.max(delay, 0), MAX_TIMER_MS));
  }

  #wake(): void {
    this.#wakeTime = Number.POSITIVE_INFINITY;
    this.#cancelTimer = undefined;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const wait of this.#waits) {
      if (wait.deadline <= now) {
        this.#waits.delete(wait);
        wait.onExpired();
      } else if (wait.deadline < next) next = wait.deadline;
    }
    if (next < this.#wakeTime) this.#sleepUntil(next);
  }
}
