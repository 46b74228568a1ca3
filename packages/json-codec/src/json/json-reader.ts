/** Bytes to tape: the JSON reader of TensorFlow Serving, without recursion and with its error texts. */
import { ServingError } from '@serving/core';
import { ELEMENT_COST, type SliceBudget, UNLIMITED } from '../slicing/slice-budget.js';
import { scanNumber } from './json-number.js';
import { jsonParseError } from './json-parse-error.js';
import { BAD_HEX, BAD_SURROGATES, escapeEnd } from './json-string.js';
import { ARRAY, ESCAPED_STRING, FALSE, JsonTape, NONE, NULL, OBJECT, STRING, TRUE } from './json-tape.js';
import { matchWord } from './json-word.js';

/**
 * Reads the first JSON value of a body; what follows it is ignored. Strings are not checked for UTF-8; `NaN`, `Inf` and
 * `Infinity` are numbers.
 *
 * @throws ServingError `INVALID_ARGUMENT` "JSON Parse error: REASON at offset: N", N counting the body's bytes from 0.
 */
export function readJson(body: Uint8Array): JsonTape {
  const reader = new JsonReader(body);
  reader.step(UNLIMITED);
  return reader.tape;
}

/** Arrays and objects that may be open at once. */
export const MAX_NESTING: number = 1024 * 1024;

/** What comes next, after white space. */
const AT_ROOT = 0;
const AT_VALUE = 1;
const AT_FIRST_ELEMENT = 2;
const AT_FIRST_NAME = 3;
const AT_NAME = 4;
const AT_COLON = 5;
const AFTER_VALUE = 6;

/** Nodes beside their text: a slice has at most 64k of them. */
const NODE_COST: number = ELEMENT_COST;

/** As {@link readJson}, in slices. */
export class JsonReader {
  readonly tape: JsonTape;
  readonly #text: Uint8Array;
  #at: number;
  #next = AT_ROOT;
  /** Where the slice ends. */
  #limit = 0;
  /** The innermost open array or object. */
  #parent: number = NONE;
  #depth = 0;
  /** Of a string that is being read: where its inside begins (−1: none is), and whether it has escapes. */
  #stringStart = -1;
  #escapes = false;

  /** @throws ServingError `INVALID_ARGUMENT` for no body */
  constructor(text: Uint8Array) {
    if (text.length === 0) throw new ServingError('INVALID_ARGUMENT', 'JSON Parse error: The document is empty');
    this.#text = text;
    this.tape = new JsonTape(text);
    this.#at = afterByteOrderMark(text);
  }

  /** Where the value ends in the text, once it is complete. */
  get end(): number {
    return this.#at;
  }

  /** Continues until the budget is used up. Returns whether the value is complete. @throws as {@link readJson} */
  step(budget: SliceBudget): boolean {
    const { tape } = this;
    const from = this.#at;
    const before = tape.length;
    this.#limit = from + budget.left;
    const mostNodes = before + budget.left / NODE_COST;
    let isComplete = this.#stringStart >= 0 && this.#readString() && this.#isComplete();
    while (!isComplete && this.#stringStart < 0 && this.#at < this.#limit && tape.length < mostNodes) {
      const byte = this.#skipSpace();
      if (byte === SLICE_ENDS) break;
      this.#read(byte);
      isComplete = this.#isComplete();
    }
    budget.left -= this.#at - from + NODE_COST * (tape.length - before);
    return isComplete;
  }

  #isComplete(): boolean {
    return this.#parent === NONE && this.#next === AFTER_VALUE && this.#stringStart < 0;
  }

  /** White space is skipped, up to the slice's limit; the byte after it, 0 at the end of the text (a NUL ends it too). */
  #skipSpace(): number {
    const text = this.#text;
    const limit = this.#limit;
    let at = this.#at;
    for (; at < text.length; at++) {
      const byte = text[at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#at = at;
        return byte;
      }
      if (at >= limit) break;
    }
    this.#at = at;
    return at < text.length ? SLICE_ENDS : 0;
  }

  #read(byte: number): void {
    switch (this.#next) {
      case AT_ROOT:
        if (byte === 0 || byte === CLOSE_BRACKET || byte === CLOSE_BRACE || byte === COMMA || byte === COLON) {
          throw jsonParseError('The document is empty.', this.#at);
        }
        this.#readValueStart(byte);
        return;
      case AT_FIRST_ELEMENT:
        if (byte === CLOSE_BRACKET) this.#close();
        else this.#readValueStart(byte);
        return;
      case AT_VALUE:
        this.#readValueStart(byte);
        return;
      case AT_FIRST_NAME:
        if (byte === CLOSE_BRACE) this.#close();
        else this.#readName(byte);
        return;
      case AT_NAME:
        this.#readName(byte);
        return;
      case AT_COLON:
        if (byte !== COLON) throw jsonParseError('Missing a colon after a name of object member.', this.#at);
        this.#at++;
        this.#next = AT_VALUE;
        return;
      default:
        this.#readValueEnd(byte);
    }
  }

  /** Reads a scalar or an opening bracket. */
  #readValueStart(byte: number): void {
    this.#next = AFTER_VALUE;
    switch (byte) {
      case OPEN_BRACE:
        this.#open(OBJECT);
        this.#next = AT_FIRST_NAME;
        return;
      case OPEN_BRACKET:
        this.#open(ARRAY);
        this.#next = AT_FIRST_ELEMENT;
        return;
      case QUOTE:
        this.#startString();
        return;
      case 0x74:
        this.#readWord(TRUE, 'true');
        return;
      case 0x66:
        this.#readWord(FALSE, 'false');
        return;
      case 0x6e:
        this.#readWord(NULL, 'null');
        return;
      default:
        this.#at = scanNumber(this.tape, this.#at);
    }
  }

  /** What stands after a value: a comma, or the end of what it is in. */
  #readValueEnd(byte: number): void {
    const { kinds, starts } = this.tape;
    const parent = this.#parent;
    const isObject = kinds[parent] === OBJECT;
    starts[parent]! += 1;
    if (byte === COMMA) {
      this.#at++;
      this.#next = isObject ? AT_NAME : AT_VALUE;
      return;
    }
    if (byte !== (isObject ? CLOSE_BRACE : CLOSE_BRACKET)) {
      throw isObject
        ? jsonParseError("Missing a comma or '}' after an object member.", this.#at)
        : jsonParseError("Missing a comma or ']' after an array element.", this.#at);
    }
    this.#close();
  }

  #open(kind: number): void {
    if (++this.#depth > MAX_NESTING) {
      throw jsonParseError(`More than ${MAX_NESTING} nested arrays and objects`, this.#at);
    }
    const parent = this.#parent;
    this.#parent = this.tape.add(kind, 0, parent);
    this.#at++;
  }

  #close(): void {
    this.#at++;
    this.#depth--;
    const { tape } = this;
    const node = this.#parent;
    this.#parent = tape.ends[node]!;
    tape.ends[node] = tape.length;
    this.#next = AFTER_VALUE;
  }

  #readWord(kind: number, word: string): void {
    const start = this.#at;
    this.#at = matchWord(this.#text, start, word);
    this.tape.add(kind, start, this.#at);
  }

  #readName(byte: number): void {
    if (byte !== QUOTE) throw jsonParseError('Missing a name for object member.', this.#at);
    this.#next = AT_COLON;
    this.#startString();
  }

  #startString(): void {
    this.#stringStart = ++this.#at;
    this.#escapes = false;
    this.#readString();
  }

  /** Reads a string, or what is left of it, until the slice ends; whether it has ended. */
  #readString(): boolean {
    const text = this.#text;
    const limit = this.#limit;
    let at = this.#at;
    for (; ; at++) {
      const byte = at < text.length ? text[at]! : 0;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        this.#escapes = true;
        const end = escapeEnd(text, at);
        if (end < 0) throw escapeError(end, at);
        at = end - 1;
      } else if (byte < 0x20) {
        throw byte === 0
          ? jsonParseError('Missing a closing quotation mark in string.', at)
          : jsonParseError('Invalid escape character in string.', at);
      }
      if (at >= limit) {
        this.#at = at + 1;
        return false;
      }
    }
    this.tape.add(this.#escapes ? ESCAPED_STRING : STRING, this.#stringStart, at);
    this.#stringStart = -1;
    this.#at = at + 1;
    return true;
  }
}

/** In place of a byte: the slice ends in white space. */
const SLICE_ENDS = -1;

/** TensorFlow Serving skips each present byte of a byte-order mark, so parts of one too. */
function afterByteOrderMark(text: Uint8Array): number {
  let at = 0;
  for (const byte of BYTE_ORDER_MARK) if (text[at] === byte) at++;
  return at;
}

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

function escapeError(code: number, at: number): ServingError {
  if (code === BAD_HEX) return jsonParseError('Incorrect hex digit after \\u escape in string.', at);
  if (code === BAD_SURROGATES) return jsonParseError('The surrogate pair in string is invalid.', at);
  return jsonParseError('Invalid escape character in string.', at);
}

const BACKSLASH = 0x5c;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;
const QUOTE = 0x22;
