/** A promise that a test settles. */

/**
 * Holds up whatever awaits {@link Gate.opened} until the test lets it go, or fail.
 *
 * @example
 * ```ts
 * const gate = new Gate();
 * const slow = fakeServable({ inputs, outputs, run: async ({ x }) => { await gate.opened; return { y: x.data }; } });
 * ```
 */
export class Gate {
  readonly opened: Promise<void>;
  #open: () => void = () => undefined;
  #fail: (reason: unknown) => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#fail = reject;
    });
    // A gate may fail before, or without, a waiting caller.
    this.opened.catch(() => undefined);
  }

  /** Resolves {@link opened}; later calls do nothing. */
  open(): void {
    this.#open();
  }

  /** Rejects {@link opened}; later calls do nothing. */
  fail(reason: unknown): void {
    this.#fail(reason);
  }
}
