/** Logs steps that take long, while they take. */
import type { Clock } from '../clock.js';
import type { Logger } from './logger.js';

const FIRST_MS = 1000;
const NEXT_MS = 10_000;

interface Step {
  readonly startedAt: number;
  cancel: () => void;
}

/** Steps by key. Those that end within a second are not logged. */
export class SlowSteps {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #steps = new Map<string, Step>();

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Logs the message after a second, and every ten seconds, with the milliseconds so far, until the step ends. */
  begin(key: string, fields: object, message: string): void {
    this.end(key);
    const startedAt = this.#clock.now();
    const step: Step = { startedAt, cancel: () => undefined };
    const logAfter = (delayMs: number): void => {
      step.cancel = this.#clock.setTimer(() => {
        this.#logger.info({ ...fields, durationMs: Math.round(this.#clock.now() - startedAt) }, message);
        logAfter(NEXT_MS);
      }, delayMs);
    };
    logAfter(FIRST_MS);
    this.#steps.set(key, step);
  }

  /** Returns the milliseconds that the step took; `undefined` for one that had not begun. */
  end(key: string): number | undefined {
    const step = this.#steps.get(key);
    if (step === undefined) return undefined;
    this.#steps.delete(key);
    step.cancel();
    return Math.round(this.#clock.now() - step.startedAt);
  }

  /** Ends all steps. */
  endAll(): void {
    for (const key of [...this.#steps.keys()]) this.end(key);
  }
}
