/** Finds a `signature_name` that stands behind the data, as encoders that sort keys write it. */
import { SLICE_BYTES, type SliceBudget } from '../slicing/slice-budget.js';

/** The result when the name cannot be found in advance. */
export const UNKNOWN_NAME: unique symbol = Symbol('unknown signature name');

/**
 * Finds the value of the first `signature_name` among the root's members from the value at `from` on. The text is only
 * skimmed: the answer is right if the text is well-formed.
 */
export class SignatureNameFinder {
  /** Once it is found; `undefined` where there is none. */
  name: string | undefined | typeof UNKNOWN_NAME;
  readonly #text: Buffer;
  readonly #from: number;
  /** How far the text was searched for the word, or, when that was found, skimmed. */
  #at: number;
  #depth = 0;
  #escapes = false;

  constructor(text: Buffer, from: number) {
    this.#text = text;
    this.#from = from;
    this.#at = from;
  }

  /** Continues until the budget is used up. Returns whether `name` is known. */
  step(budget: SliceBudget): boolean {
    while (this.#depth === 0) {
      if (budget.left <= 0) return false;
      if (this.#searchWindow(budget)) return true;
    }
    return this.#skim(budget);
  }

  /** Searches the next part of the text for the word anywhere; whether the end was reached without it. */
  #searchWindow(budget: SliceBudget): boolean {
    const text = this.#text;
    const start = this.#at;
    const end = Math.min(text.length, start + SLICE_BYTES);
    const window = text.subarray(start, Math.min(text.length, end + WORD.length));
    budget.left -= window.length;
    if (window.indexOf(WORD, 0, 'latin1') >= 0) {
      this.#at = this.#from;
      this.#depth = 1;
      return false;
    }
    // Written with escapes a name would hold one of a letter or an underscore: \u005f, \u0061 and so on.
    if (window.indexOf('\\u00', 0, 'latin1') >= 0) this.#escapes = true;
    this.#at = end;
    if (end < text.length) return false;
    this.name = this.#escapes ? UNKNOWN_NAME : undefined;
    return true;
  }

  #skim(budget: SliceBudget): boolean {
    const text = this.#text;
    let depth = this.#depth;
    let at = this.#at;
    const limit = Math.min(text.length, at + budget.left);
    for (; at < limit; at++) {
      switch (text[at]) {
        case QUOTE: {
          const end = stringEnd(text, at + 1);
          if (end < 0) return this.#is(UNKNOWN_NAME);
          if (depth === 1 && memberNameEnds(text, end)) {
            const name = text.toString('latin1', at + 1, Math.min(end, at + LONGEST_NAME));
            if (name.includes('\\')) return this.#is(UNKNOWN_NAME);
            if (name === WORD) return this.#is(nameValue(text, end + 1));
          }
          at = end;
          break;
        }
        case 0x5b:
        case 0x7b:
          depth++;
          break;
        case 0x5d:
        case 0x7d:
          if (--depth === 0) return this.#is(undefined);
          break;
        default:
      }
    }
    if (at >= text.length) return this.#is(UNKNOWN_NAME);
    budget.left -= at - this.#at;
    this.#at = at;
    this.#depth = depth;
    return false;
  }

  #is(name: string | undefined | typeof UNKNOWN_NAME): true {
    this.name = name;
    return true;
  }
}

const WORD = 'signature_name';

/** Bytes of a member's name that are compared: each letter of the word may be six bytes long. */
const LONGEST_NAME = 128;

/** The closing mark of the string whose inside begins at `from`; −1 without one, or when too many backslashes stand before it. */
function stringEnd(text: Buffer, from: number): number {
  for (let end = text.indexOf(QUOTE, from); end >= 0; end = text.indexOf(QUOTE, end + 1)) {
    const backslashes = backslashesBefore(text, from, end);
    if (backslashes > SLICE_BYTES) return -1;
    if (backslashes % 2 === 0) return end;
    if (end - from > LONGEST_ESCAPED) return -1;
  }
  return -1;
}

/** A longer string with escaped quotation marks in it is left to the exact reader, which can pause. */
const LONGEST_ESCAPED: number = 2 * SLICE_BYTES;

function backslashesBefore(text: Buffer, from: number, at: number): number {
  let count = 0;
  for (let i = at - 1; i >= from && text[i] === BACKSLASH && count <= SLICE_BYTES; i--) count++;
  return count;
}

function skipSpace(text: Buffer, from: number): number {
  let at = from;
  while (at < text.length && at - from < SLICE_BYTES && text[at]! <= 0x20) at++;
  return at;
}

function memberNameEnds(text: Buffer, quote: number): boolean {
  return text[skipSpace(text, quote + 1)] === 0x3a;
}

function nameValue(text: Buffer, from: number): string | typeof UNKNOWN_NAME {
  const quote = skipSpace(text, skipSpace(text, from) + 1);
  if (text[quote] !== QUOTE) return UNKNOWN_NAME;
  const end = stringEnd(text, quote + 1);
  if (end < 0 || end - quote > LONGEST_VALUE) return UNKNOWN_NAME;
  const value = text.toString('latin1', quote + 1, end);
  return /^[\x20-\x5b\x5d-\x7e]*$/.test(value) ? value : UNKNOWN_NAME;
}

/** A longer name is none that anything has. */
const LONGEST_VALUE: number = 64 * 1024;

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
