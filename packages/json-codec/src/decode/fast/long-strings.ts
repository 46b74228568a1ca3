/** Strings too long for one slice: each a piece at a time, straight into the buffer that they end in. */
import { decodeRawBase64Into } from '../../json/base64.js';
import { unescapeInto } from '../../json/json-string.js';
import { pieceHasEscapes, stringPieceEnd } from '../../json/string-piece.js';
import type { SliceBudget } from '../../slicing/slice-budget.js';
import type { GrowingStrings } from '../growing-strings.js';
import { GIVE_UP, PAUSED } from './text-cursor.js';

/** Bytes of text that are read at once; of base64 a multiple of four. */
const PIECE: number = 96 * 1024;

/** A string, whose end isn't known. */
export class LongString {
  readonly #text: Uint8Array;
  #from: number;
  #to: number;

  /** @param start of the string's inside */
  constructor(text: Uint8Array, start: number, strings: GrowingStrings) {
    this.#text = text;
    this.#from = start;
    this.#to = strings.end;
    // A string never grows when its escapes go.
    strings.room(text.length - start);
  }

  /** Appends the string; the position after its closing mark, −1 to give up, −2 when the budget is used up. */
  step(strings: GrowingStrings, budget: SliceBudget): number {
    const text = this.#text;
    const bytes = strings.room(0);
    while (budget.left > 0) {
      const from = this.#from;
      const end = stringPieceEnd(text, from, from + PIECE);
      if (end < 0) return GIVE_UP;
      if (pieceHasEscapes) {
        this.#to = unescapeInto(text, from, end, bytes, this.#to);
      } else {
        bytes.set(text.subarray(from, end), this.#to);
        this.#to += end - from;
      }
      this.#from = end;
      budget.left -= end - from;
      if (text[end] === QUOTE) {
        strings.add(this.#to);
        return end + 1;
      }
    }
    return PAUSED;
  }
}

/** Base64 between two marks, all of it digits but for padding at the end. */
export class LongBase64 {
  readonly #text: Uint8Array;
  readonly #end: number;
  #from: number;
  #to: number;

  /** @param end the closing mark */
  constructor(text: Uint8Array, start: number, end: number, strings: GrowingStrings) {
    this.#text = text;
    this.#end = end;
    this.#from = start;
    this.#to = strings.end;
    strings.room(Math.ceil(((end - start) * 3) / 4));
  }

  /** Appends the bytes; the position after the closing mark, −1 to give up, −2 when the budget is used up. */
  step(strings: GrowingStrings, budget: SliceBudget): number {
    const bytes = strings.room(0);
    while (budget.left > 0) {
      const from = this.#from;
      const to = Math.min(this.#end, from + PIECE);
      const decoded = decodeRawBase64Into(this.#text.subarray(from, to), bytes, this.#to);
      const isLast = to === this.#end;
      // White space, or padding before the end: the exact reader handles it.
      if (decoded < 0 || (!isLast && decoded - this.#to !== (PIECE / 4) * 3)) return GIVE_UP;
      this.#from = to;
      this.#to = decoded;
      budget.left -= to - from;
      if (isLast) {
        strings.add(decoded);
        return to + 1;
      }
    }
    return PAUSED;
  }
}

const QUOTE = 0x22;
