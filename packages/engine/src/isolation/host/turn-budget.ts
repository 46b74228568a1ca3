/** Spreads copies of tensors over turns of the event loop. */

/** About three milliseconds of copies. A larger tensor is copied in one turn. */
const MAX_BYTES = 4 * 2 ** 20;

/** What one process's tensors may take of a turn. */
export class TurnBudget {
  readonly #onTurn: () => void;
  #left = MAX_BYTES;

  /** @param onTurn called in the next turn after bytes were spent, when there is room again */
  constructor(onTurn: () => void) {
    this.#onTurn = onTurn;
  }

  /** Whether more may be copied in this turn. */
  get hasRoom(): boolean {
    return this.#left > 0;
  }

  /** So many bytes are copied in this turn. */
  spend(bytes: number): void {
    if (bytes === 0) return;
    if (this.#left === MAX_BYTES) setImmediate(this.#nextTurn);
    this.#left -= bytes;
  }

  readonly #nextTurn = (): void => {
    this.#left = MAX_BYTES;
    this.#onTurn();
  };
}
