/**
 * The loop that reads strings and base64 objects of a list straight from the body, whole lists at a
 * time. It handles well-formed lists of the usual forms and gives up (returns −1) on everything else.
 */
import { decodeRawBase64Into } from './base64.js';
import { GIVE_UP, isSpace } from './give-up.js';
import type { GrowingStrings } from './growing-strings.js';
import { escapeEnd, unescapeInto } from './json-string.js';
import { VALUES } from './number-loops.generated.js';
import { numberLoops } from './number-loops.js';

/** Strings and `{"b64": "…"}` objects from `from` to the first that no comma follows; where the byte after that one is. */
export function scanStrings(text: Uint8Array, from: number, strings: GrowingStrings, single: boolean): number {
  let at = from;
  for (;;) {
    at = skipSpace(text, at);
    const byte = text[at];
    if (byte === QUOTE) at = scanString(text, at + 1, strings);
    else if (byte === OPEN_BRACE) at = scanBase64Object(text, at + 1, strings);
    else return GIVE_UP;
    if (at < 0) return GIVE_UP;
    at = skipSpace(text, at);
    if (text[at] !== COMMA || single) return at;
    at++;
  }
}

/** Whether a base64 object's first member name stands after the brace at `at`. */
export function startsBase64Object(text: Uint8Array, at: number): boolean {
  const quote = skipSpace(text, at + 1);
  return text[quote] === QUOTE && isBase64Name(text, quote);
}

function skipSpace(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text[at]!)) at++;
  return at;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Below this many bytes a loop copies faster than a call of `set`. */
const SHORT = 48;

function scanString(text: Uint8Array, start: number, strings: GrowingStrings): number {
  let escapes = false;
  let at = start;
  let long = start + LONG;
  for (;;) {
    if (at >= long) {
      at = plainEnd(text, at);
      long = at + LONG;
    }
    const byte = at < text.length ? text[at]! : 0;
    if (byte === QUOTE) break;
    if (byte < 0x20) return GIVE_UP;
    if (byte === BACKSLASH) {
      escapes = true;
      at = escapeEnd(text, at);
      if (at < 0) return GIVE_UP;
    } else {
      at++;
    }
  }
  const bytes = strings.room(at - start);
  const end = strings.end;
  if (escapes || at - start < SHORT) {
    strings.add(unescapeInto(text, start, at, bytes, end));
  } else {
    bytes.set(text.subarray(start, at), end);
    strings.add(end + at - start);
  }
  return at + 1;
}

/** From this many bytes without an end or an escape on, a string is looked through eight bytes at a time. */
const LONG = 128;
const FIRST_PIECE = 512;
const LAST_PIECE = 32_768;

/**
 * The first byte from `from` on that isn't plain in a string, or the end of the text; `from` where there are no loops.
 * The text goes through the loops' area of values, in pieces that grow, so that little is copied in vain.
 */
function plainEnd(text: Uint8Array, from: number): number {
  const loops = numberLoops();
  if (loops === undefined) return from;
  let at = from;
  for (let size = FIRST_PIECE; at < text.length; size = Math.min(4 * size, LAST_PIECE)) {
    const piece = text.subarray(at, at + size);
    loops.bytes.set(piece, VALUES);
    const length = loops.plainEnd(VALUES, VALUES + piece.length) - VALUES;
    at += length;
    if (length < piece.length) break;
  }
  return at;
}

function isBase64Name(text: Uint8Array, quote: number): boolean {
  return text[quote + 1] === 0x62 && text[quote + 2] === 0x36 && text[quote + 3] === 0x34 && text[quote + 4] === QUOTE;
}

function scanBase64Object(text: Uint8Array, from: number, strings: GrowingStrings): number {
  let at = skipSpace(text, from);
  if (text[at] !== QUOTE || !isBase64Name(text, at)) return GIVE_UP;
  at = skipSpace(text, at + 5);
  if (text[at] !== COLON) return GIVE_UP;
  at = skipSpace(text, at + 1);
  if (text[at] !== QUOTE) return GIVE_UP;
  const start = at + 1;
  const end = text.indexOf(QUOTE, start);
  if (end < 0) return GIVE_UP;
  // What is no base64, and what is no JSON, is left to the exact reader.
  const room = strings.room(Math.ceil(((end - start) * 3) / 4));
  const decoded = decodeRawBase64Into(text.subarray(start, end), room, strings.end);
  if (decoded < 0) return GIVE_UP;
  at = skipSpace(text, end + 1);
  if (text[at] !== CLOSE_BRACE) return GIVE_UP;
  strings.add(decoded);
  return at + 1;
}
