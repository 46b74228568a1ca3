/** Memory of ours that C reads and writes, at an address that is looked up once. */
import { address } from 'koffi';
import type { Address } from './libc.js';

const HIGH_WORD = 2 ** 32;

/** A row of 64-bit words, little-endian, for pointers and dimensions. Alive (and so its memory) while it is referenced. */
export class WordArray {
  readonly address: Address;
  readonly #words: Uint32Array;

  /** @param length 0 is allowed; the address is valid then too. */
  constructor(length: number) {
    this.#words = new Uint32Array(Math.max(length, 1) * 2);
    this.address = Number(address(this.#words));
  }

  /**
   * Writes one word.
   *
   * @param value an integer of at least 0, below 2⁵³
   */
  set(index: number, value: number): void {
    this.#words[2 * index] = value % HIGH_WORD;
    this.#words[2 * index + 1] = value / HIGH_WORD;
  }

  /** Returns one word. */
  get(index: number): number {
    return this.#words[2 * index]! + this.#words[2 * index + 1]! * HIGH_WORD;
  }
}
