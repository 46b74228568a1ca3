/** Requests that go on while a test does something else. */
import { onTestFinished } from 'vitest';

/** Calls each function again and again, one call of it at a time, until it is stopped or the test ends. */
export class SteadyLoad {
  /** What calls rejected with. */
  readonly failures: string[] = [];
  /** Calls that have settled. */
  answered = 0;
  readonly #loops: Promise<void>[];
  #isStopped = false;

  constructor(calls: readonly (() => Promise<unknown>)[]) {
    this.#loops = calls.map((call) => this.#loop(call));
    onTestFinished(() => {
      this.#isStopped = true;
    });
  }

  /** Resolves when the last answer has come. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#loops);
  }

  /** Resolves after so many more answers, or with the first failure. */
  async more(count: number): Promise<void> {
    const until = this.answered + count;
    while (this.answered < until && this.failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  async #loop(call: () => Promise<unknown>): Promise<void> {
    while (!this.#isStopped) {
      await call().catch((error) => {
        this.failures.push(String(error));
        // A call that fails at once, again and again, would keep the event loop from all else, the end of the test included.
        return new Promise((resolve) => setImmediate(resolve));
      });
      this.answered++;
    }
  }
}
