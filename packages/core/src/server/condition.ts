/** Waits for something to become true. */

/** Checks each condition at once, and again on every call of `somethingChanged`. */
export class ConditionWaits {
  readonly #looks = new Set<() => void>();

  /** `condition` must not throw, nor change anything. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
    });
  }

  somethingChanged(): void {
    for (const look of [...this.#looks]) look();
  }
}
