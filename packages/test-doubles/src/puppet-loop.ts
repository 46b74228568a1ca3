/** The event loop of a test. */
import { expect } from 'vitest';

/** An event loop that turns when a test calls for it. */
export class PuppetLoop {
  /** Turns in which something was due. */
  turns = 0;
  readonly #due: (() => void)[] = [];

  readonly schedule = (callback: () => void): void => {
    this.#due.push(callback);
  };

  /** Whether anything was due; at most one slice is. */
  turn(): boolean {
    const due = this.#due.splice(0);
    expect(due.length).toBeLessThanOrEqual(1);
    for (const callback of due) callback();
    if (due.length > 0) this.turns++;
    return due.length > 0;
  }
}
