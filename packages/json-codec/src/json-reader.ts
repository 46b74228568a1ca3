/** Bytes to tape: the JSON reader of the reference server, without recursion and with its error texts. */
import { ServingError } from '@serving/core';
import { scanNumber } from './json-number.js';
import { jsonParseError } from './json-parse-error.js';
import { BAD_HEX, BAD_SURROGATES, escapeEnd } from './json-string.js';
import { ARRAY, FALSE, JsonTape, NONE, NULL, OBJECT, STRING, TRUE } from './json-tape.js';
import { matchWord } from './json-word.js';

/**
 * Reads the first JSON value of a body; what follows it is ignored. Nesting has no limit. Strings are not checked for
 * UTF-8; `NaN`, `Inf` and `Infinity` are numbers.
 *
 * @throws ServingError `INVALID_ARGUMENT` "JSON Parse error: REASON at offset: N", N counting the body's bytes from 0.
 */
export function readJson(body: Uint8Array): JsonTape {
  if (body.length === 0) throw new ServingError('INVALID_ARGUMENT', 'JSON Parse error: The document is empty');
  return new JsonReader(body).read();
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

class JsonReader {
  readonly #text: Uint8Array;
  readonly #tape: JsonTape;
  #at: number;
  /** The innermost open array or object. */
  #parent: number = NONE;

  constructor(text: Uint8Array) {
    this.#text = text;
    this.#tape = new JsonTape(text);
    this.#at = afterByteOrderMark(text);
  }

  read(): JsonTape {
    const first = this.#skipSpace();
    if (first === 0 || first === CLOSE_BRACKET || first === CLOSE_BRACE || first === COMMA || first === COLON) {
      throw jsonParseError('The document is empty.', this.#at);
    }
    while (this.#readValueStart() || !this.#closeFinished());
    return this.#tape;
  }

  /** White space is skipped; the byte after it, 0 at the end of the text (a NUL ends it too). */
  #skipSpace(): number {
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at++) {
      const byte = text[at]!;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.#at = at;
        return byte;
      }
    }
    this.#at = at;
    return 0;
  }

  /** Reads a scalar, an empty list or an opening bracket; whether another value must begin next. */
  #readValueStart(): boolean {
    const byte = this.#skipSpace();
    switch (byte) {
      case OPEN_BRACE:
        this.#open(OBJECT);
        if (this.#skipSpace() === CLOSE_BRACE) {
          this.#close();
          return false;
        }
        this.#readName();
        return true;
      case OPEN_BRACKET:
        this.#open(ARRAY);
        if (this.#skipSpace() === CLOSE_BRACKET) {
          this.#close();
          return false;
        }
        return true;
      case QUOTE:
        this.#readString();
        return false;
      case 0x74:
        this.#readWord(TRUE, 'true');
        return false;
      case 0x66:
        this.#readWord(FALSE, 'false');
        return false;
      case 0x6e:
        this.#readWord(NULL, 'null');
        return false;
      default:
        this.#at = scanNumber(this.#tape, this.#at);
        return false;
    }
  }

  /** After a value: closes what ends here. Whether the root is complete; if not, a value must begin next. */
  #closeFinished(): boolean {
    const { kinds, counts } = this.#tape;
    while (this.#parent !== NONE) {
      const parent = this.#parent;
      const byte = this.#skipSpace();
      counts[parent]! += 1;
      if (kinds[parent] === OBJECT) {
        if (byte === COMMA) {
          this.#at++;
          this.#readName();
          return false;
        }
        if (byte !== CLOSE_BRACE) {
          throw jsonParseError("Missing a comma or '}' after an object member.", this.#at);
        }
      } else {
        if (byte === COMMA) {
          this.#at++;
          return false;
        }
        if (byte !== CLOSE_BRACKET) {
          throw jsonParseError("Missing a comma or ']' after an array element.", this.#at);
        }
      }
      this.#close();
    }
    return true;
  }

  #open(kind: number): void {
    const node = this.#tape.add(kind, this.#at, 0);
    this.#tape.links[node] = this.#parent;
    this.#parent = node;
    this.#at++;
  }

  #close(): void {
    this.#at++;
    const tape = this.#tape;
    const node = this.#parent;
    this.#parent = tape.links[node]!;
    tape.links[node] = tape.length;
    tape.ends[node] = this.#at;
  }

  #readWord(kind: number, word: string): void {
    const start = this.#at;
    this.#at = matchWord(this.#text, start, word);
    this.#tape.add(kind, start, this.#at);
  }

  #readName(): void {
    if (this.#skipSpace() !== QUOTE) throw jsonParseError('Missing a name for object member.', this.#at);
    this.#readString();
    if (this.#skipSpace() !== COLON) {
      throw jsonParseError('Missing a colon after a name of object member.', this.#at);
    }
    this.#at++;
  }

  #readString(): void {
    const text = this.#text;
    const start = this.#at + 1;
    let escapes = 0;
    let at = start;
    for (; ; at++) {
      const byte = at < text.length ? text[at]! : 0;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        escapes = 1;
        const end = escapeEnd(text, at);
        if (end < 0) throw escapeError(end, at);
        at = end - 1;
      } else if (byte < 0x20) {
        throw byte === 0
          ? jsonParseError('Missing a closing quotation mark in string.', at)
          : jsonParseError('Invalid escape character in string.', at);
      }
    }
    const node = this.#tape.add(STRING, start, at);
    this.#tape.counts[node] = escapes;
    this.#at = at + 1;
  }
}

/** The reference server skips each byte of a byte-order mark that is there, so parts of one too. */
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
