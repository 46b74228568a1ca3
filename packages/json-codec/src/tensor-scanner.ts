/** One tensor of the body, straight from the bytes: brackets, shape and values in one pass. */
import { GIVE_UP, isSpace, scanBooleans, scanFloats, scanIntegers, scanLongs } from './number-runs.js';
import { scanStrings } from './string-runs.js';
import type { TensorBuilder } from './tensor-builder.js';

/**
 * Reads nested lists that are as regular as nearly all are: no empty list, every list as long as its neighbours, every
 * value of the data type. Anything else makes it give up; the exact reader then says what is wrong.
 */
export class TensorScanner {
  readonly #text: Uint8Array;
  readonly #sizes: number[] = [];
  readonly #counts: number[] = [];
  /** Shape of the tensor that was read last. */
  shape: readonly number[] = [];

  /** @param text must end with `}`, which no loop then passes */
  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /** Appends the values of the tensor at `from` to the builder; the position after it, or −1 to give up. */
  scan(from: number, builder: TensorBuilder): number {
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
      return scanRun(text, at, builder, true);
    }
    const innermost = rank - 1;
    for (;;) {
      const before = builder.length;
      at = scanRun(text, at, builder, false);
      if (at < 0 || text[at] !== CLOSE) return GIVE_UP;
      const count = builder.length - before;
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

function scanRun(text: Uint8Array, at: number, builder: TensorBuilder, single: boolean): number {
  switch (builder.dtype) {
    case 'float':
    case 'double':
      return scanFloats(text, at, builder.numbers!, single);
    case 'int32':
    case 'int16':
    case 'int8':
    case 'uint8':
      return scanIntegers(text, at, builder.numbers!, single, -(2 ** 31), 2 ** 31 - 1);
    case 'uint32':
      return scanIntegers(text, at, builder.numbers!, single, 0, 2 ** 32 - 1);
    case 'int64':
      return scanLongs(text, at, builder.numbers!, single, false);
    case 'uint64':
      return scanLongs(text, at, builder.numbers!, single, true);
    case 'bool':
      return scanBooleans(text, at, builder.numbers!, single);
    case 'string':
      return scanStrings(text, at, builder.strings!, single);
    default:
      return GIVE_UP;
  }
}
