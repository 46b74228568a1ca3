/** Results in shared memory that have arrived and are still to be copied. */
import { blockBytes } from '../memory/tensor-blocks.js';
import { TurnBudget } from './turn-budget.js';

interface UnreadResult {
  readonly id: number;
  readonly words: Uint32Array;
}

/** Reads results in the order in which they came, as many in a turn of the event loop as its budget allows. */
export class UnreadResults {
  readonly #read: (id: number, words: Uint32Array) => void;
  readonly #turn = new TurnBudget(() => this.#readSome());
  readonly #waiting: UnreadResult[] = [];

  /** @param read copies the results of a run out of the block that the words refer to */
  constructor(read: (id: number, words: Uint32Array) => void) {
    this.#read = read;
  }

  /** A message with results has come. Its words may be used again after the call. */
  add(id: number, words: Uint32Array): void {
    if (this.#waiting.length > 0 || !this.#turn.hasRoom) this.#waiting.push({ id, words: words.slice() });
    else this.#readNow(id, words);
  }

  /** Reads all, before the memory is gone. */
  readAll(): void {
    for (const { id, words } of this.#waiting.splice(0)) this.#readNow(id, words);
  }

  #readSome(): void {
    while (this.#turn.hasRoom) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#readNow(next.id, next.words);
    }
  }

  #readNow(id: number, words: Uint32Array): void {
    this.#turn.spend(blockBytes(words));
    this.#read(id, words);
  }
}
