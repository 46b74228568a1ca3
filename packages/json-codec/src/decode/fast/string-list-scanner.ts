/** Nested lists of strings and base64 objects of the body: brackets, shape and values in one pass. */

import type { SliceBudget } from '../../slicing/slice-budget.js';
import type { GrowingStrings } from '../growing-strings.js';
import { StringRunReader } from './string-scanner.js';
import { GIVE_UP, PAUSED, skipUsualSpace } from './text-cursor.js';

/**
 * Reads nested lists that are as regular as nearly all are: no empty list, every list as long as its neighbours, every
 * value a string or bytes. Anything else makes it give up; the exact reader then throws the error.
 */
export class StringListScanner {
  readonly #text: Uint8Array;
  readonly #runs: StringRunReader;
  readonly #sizes: number[] = [];
  readonly #counts: number[] = [];
  #rank = 0;
  /** Strings that there were before the list that is being read. */
  #before = 0;
  /** Shape of the tensor that was read last. */
  shape: readonly number[] = [];

  /** @param takesBase64 whether `{"b64": "…"}` objects are values too */
  constructor(text: Uint8Array, takesBase64: boolean) {
    this.#text = text;
    this.#runs = new StringRunReader(text, takesBase64);
  }

  /**
   * Appends the values of the tensor at `from`; the position after it, −1 to give up, or −2 when the budget is used up:
   * {@link resume} then goes on.
   */
  scan(from: number, strings: GrowingStrings, budget: SliceBudget): number {
    const text = this.#text;
    let rank = 0;
    let at = from;
    for (; text[at] === OPEN_BRACKET; at = this.#skipSpace(at + 1)) {
      this.#sizes[rank] = -1;
      this.#counts[rank] = 0;
      if (++rank > MAX_RANK) return GIVE_UP;
    }
    this.#rank = rank;
    this.#before = strings.length;
    return this.#scanLists(this.#runs.scan(at, strings, rank === 0, budget), strings, budget);
  }

  /** Continues with the tensor in which {@link scan} has paused. */
  resume(strings: GrowingStrings, budget: SliceBudget): number {
    return this.#scanLists(this.#runs.resume(strings, this.#rank === 0, budget), strings, budget);
  }

  /** @param runEnd what the reader of runs has come to */
  #scanLists(runEnd: number, strings: GrowingStrings, budget: SliceBudget): number {
    const text = this.#text;
    const sizes = this.#sizes;
    const rank = this.#rank;
    const innermost = rank - 1;
    let at = runEnd;
    if (rank === 0) {
      this.shape = SCALAR;
      return at;
    }
    for (;;) {
      if (at === PAUSED) return PAUSED;
      if (at < 0 || text[at] !== CLOSE_BRACKET) return GIVE_UP;
      const count = strings.length - this.#before;
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
        if (text[at] !== OPEN_BRACKET) return GIVE_UP;
        at++;
      }
      this.#before = strings.length;
      budget.left -= LIST_COST;
      at = budget.left > 0 ? this.#runs.scan(at, strings, false, budget) : this.#runs.pauseAt(at);
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
      if (text[at] !== CLOSE_BRACKET) return GIVE_UP;
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
    return skipUsualSpace(this.#text, from);
  }
}

/** More dimensions than any kernel takes are left to the exact reader. */
const MAX_RANK = 32;
const SCALAR: readonly number[] = [];
/** Bytes of text around a list's values. */
const LIST_COST = 8;

const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
