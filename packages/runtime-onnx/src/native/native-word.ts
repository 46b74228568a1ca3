/** One word that C functions write a result into. */
import { type Address, WordArray } from '@serving/engine/native';

const LOW_WORD = 2 ** 32;

/** Made once and used for one call after the other; its memory lives as long as it does. */
export class NativeWord {
  readonly #words: WordArray = new WordArray(1);

  get address(): Address {
    return this.#words.address;
  }

  /** Returns the word and clears it for the next call. */
  take(): number {
    const value = this.#words.get(0);
    this.#words.set(0, 0);
    return value;
  }

  /** The same for functions that write an `int`, and leave the upper half as it was. */
  takeInt(): number {
    return this.take() % LOW_WORD;
  }
}
