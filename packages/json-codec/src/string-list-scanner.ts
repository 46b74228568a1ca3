/** Nested lists of strings and base64 objects of the body: brackets, shape and values in one pass. */
import { GIVE_UP, isSpace } from './give-up.js';
import type { GrowingStrings } from './growing-strings.js';
import { scanStrings } from './string-runs.js';

/**
 * Reads nested lists that are as regular as nearly all are: no empty list, every list as long as its neighbours, every
 * value a string or bytes. Anything else makes it give up; the exact reader then says what is wrong.
 */
export class StringListScanner {
  readonly #text: Uint8Array;
  readonly #sizes: number[] = [];
  readonly #counts: number[] = [];
  /** Shape of the tensor that was read last. */
  shape: readonly number[] = [];

  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /** Appends the values of the tensor at `from`; the position after it, or −1 to give up. */
  scan(from: number, strings: GrowingStrings): number {
    const text = this.#text;
    const sizes = this.#sizes;
    let rank = 0;
    let at = from;
    for (; text[at] === OPEN; at = this.#skipSpace(at + 1)) {
      sizes[rank] = -1;
      this.#counts[rank] = 0;
      if (++rank > MAX_RANK) return GIVE_UP;
    }
    if (rank === 0) {
      this.shape = SCALAR;
      return scanStrings(text, at, strings, true);
    }
    const innermost = rank - 1;
    for (;;) {
      const before = strings.length;
      at = scanStrings(text, at, strings, false);
      if (at < 0 || text[at] !== CLOSE) return GIVE_UP;
      const count = strings.length - before;
      if (sizes[innermost] !== count) {
        if (sizes[innermost] !== -1) return GIVE_UP;
        sizes[innermost] = count;
      }
      at = this.#skipSpace(at + 1);
      const depth = this.#closeLists(at, innermost);
      if (depth < 0) return GIVE_UP;
      at = this.#at;
      if (depth === 0) break;
      for (let level = depth; level < rank; level++) {
        at = this.#skipSpace(at);
        if (text[at] !== OPEN) return GIVE_UP;
        at++;
      }
    }
    this.shape = sizes.slice(0, rank);
    return at;
  }

  #at = 0;

  /**
   * After the closing bracket of a list at level `level`: closes its parents as far as they end here too. Returns the
   * level at which the next list begins (its comma is skipped), 0 when the outermost list is closed, −1 to give up.
   */
  #closeLists(from: number, level: number): number {
    const text = this.#text;
    const sizes = this.#sizes;
    const counts = this.#counts;
    let at = from;
    for (let depth = level; depth > 0; depth--) {
      const count = counts[depth - 1]! + 1;
      if (text[at] === COMMA) {
        counts[depth - 1] = count;
        this.#at = at + 1;
        return depth;
      }
      if (text[at] !== CLOSE) return GIVE_UP;
      if (sizes[depth - 1] !== count) {
        if (sizes[depth - 1] !== -1) return GIVE_UP;
        sizes[depth - 1] = count;
      }
      counts[depth - 1] = 0;
      at = this.#skipSpace(at + 1);
    }
    this.#at = at;
    return 0;
  }

  #skipSpace(from: number): number {
    let at = from;
    while (isSpace(this.#text[at]!)) at++;
    return at;
  }
}

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
/** More dimensions than any kernel takes are left to the exact reader. */
const MAX_RANK = 32;
const SCALAR: readonly number[] = [];
