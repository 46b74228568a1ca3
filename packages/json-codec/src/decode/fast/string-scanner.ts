/**
 * The loop that reads strings and base64 objects of a list straight from the body, whole lists at a
 * time. It handles well-formed lists of the usual forms and gives up (returns −1) on everything else.
 */
import { decodeRawBase64Into } from '../../json/base64.js';
import { unescapeInto } from '../../json/json-string.js';
import { pieceHasEscapes, stringPieceEnd } from '../../json/string-piece.js';
import { ELEMENT_COST, SLICE_BYTES, type SliceBudget } from '../../slicing/slice-budget.js';
import type { GrowingStrings } from '../growing-strings.js';
import { LongBase64, LongString } from './long-strings.js';
import { GIVE_UP, PAUSED, skipUsualSpace as skipSpace } from './text-cursor.js';

/** Reads the runs of one text, one after the other. */
export class StringRunReader {
  readonly #text: Uint8Array;
  readonly #takesBase64: boolean;
  /** Of a run that pauses: where, and the string that it is in the middle of. */
  #at = 0;
  #long: LongString | LongBase64 | undefined;

  /** @param takesBase64 whether `{"b64": "…"}` objects are values too */
  constructor(text: Uint8Array, takesBase64: boolean) {
    this.#text = text;
    this.#takesBase64 = takesBase64;
  }

  /**
   * Strings and `{"b64": "…"}` objects from `from` to the first that no comma follows; where the byte after that one is, −1
   * to give up, −2 when the budget is used up.
   */
  scan(from: number, strings: GrowingStrings, isSingle: boolean, budget: SliceBudget): number {
    const text = this.#text;
    let at = from;
    for (;;) {
      at = skipSpace(text, at);
      const start = at;
      const byte = text[at];
      if (byte === QUOTE) at = this.#string(at + 1, strings);
      else if (byte === OPEN_BRACE && this.#takesBase64) at = this.#base64Object(at + 1, strings);
      else return GIVE_UP;
      if (at === IS_LONG) return this.resume(strings, isSingle, budget);
      if (at < 0) return GIVE_UP;
      at = skipSpace(text, at);
      budget.left -= at - start + ELEMENT_COST;
      if (text[at] !== COMMA || isSingle) return at;
      at++;
      if (budget.left <= 0) return this.pauseAt(at);
    }
  }

  /** Lets {@link resume} begin a run at `at`; −2. */
  pauseAt(at: number): number {
    this.#at = at;
    return PAUSED;
  }

  /** Continues with the run in which {@link scan} has paused. */
  resume(strings: GrowingStrings, isSingle: boolean, budget: SliceBudget): number {
    const long = this.#long;
    if (long === undefined) return this.scan(this.#at, strings, isSingle, budget);
    const end = long.step(strings, budget);
    if (end < 0) return end;
    this.#long = undefined;
    const after = long instanceof LongBase64 ? this.#braceEnd(end) : end;
    if (after < 0) return GIVE_UP;
    const at = skipSpace(this.#text, after);
    if (this.#text[at] !== COMMA || isSingle) return at;
    return this.scan(at + 1, strings, isSingle, budget);
  }

  #string(start: number, strings: GrowingStrings): number {
    const text = this.#text;
    const at = stringPieceEnd(text, start, start + SLICE_BYTES);
    if (at < 0) return GIVE_UP;
    if (text[at] !== QUOTE) {
      this.#long = new LongString(text, start, strings);
      return IS_LONG;
    }
    const bytes = strings.room(at - start);
    const end = strings.end;
    if (pieceHasEscapes || at - start < SHORT) {
      strings.add(unescapeInto(text, start, at, bytes, end));
    } else {
      bytes.set(text.subarray(start, at), end);
      strings.add(end + at - start);
    }
    return at + 1;
  }

  #base64Object(from: number, strings: GrowingStrings): number {
    const text = this.#text;
    let at = skipSpace(text, from);
    if (text[at] !== QUOTE || !isBase64Name(text, at)) return GIVE_UP;
    at = skipSpace(text, at + 5);
    if (text[at] !== COLON) return GIVE_UP;
    at = skipSpace(text, at + 1);
    if (text[at] !== QUOTE) return GIVE_UP;
    const start = at + 1;
    const end = text.indexOf(QUOTE, start);
    if (end < 0) return GIVE_UP;
    if (end - start > SLICE_BYTES) {
      this.#long = new LongBase64(text, start, end, strings);
      return IS_LONG;
    }
    // The exact reader handles invalid base64 and invalid JSON.
    const room = strings.room(Math.ceil(((end - start) * 3) / 4));
    const decoded = decodeRawBase64Into(text.subarray(start, end), room, strings.end);
    if (decoded < 0) return GIVE_UP;
    strings.add(decoded);
    return this.#braceEnd(end + 1);
  }

  /** After the closing brace that must follow. */
  #braceEnd(from: number): number {
    const at = skipSpace(this.#text, from);
    return this.#text[at] === CLOSE_BRACE ? at + 1 : GIVE_UP;
  }
}

/** Whether a base64 object's first member name stands after the brace at `at`. */
export function startsBase64Object(text: Uint8Array, at: number): boolean {
  const quote = skipSpace(text, at + 1);
  return text[quote] === QUOTE && isBase64Name(text, quote);
}

/** Returned in place of a position for a string that takes several slices. */
const IS_LONG = -3;

/** Below this many bytes a loop copies faster than a call of `set`. */
const SHORT = 48;

function isBase64Name(text: Uint8Array, quote: number): boolean {
  return text[quote + 1] === 0x62 && text[quote + 2] === 0x36 && text[quote + 3] === 0x34 && text[quote + 4] === QUOTE;
}

const CLOSE_BRACE = 0x7d;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const QUOTE = 0x22;
