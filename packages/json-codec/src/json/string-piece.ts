/** Scans the inside of a JSON string, or a piece of it, for its end and for escapes. */
import { GIVE_UP } from '../decode/fast/text-cursor.js';
import { VALUES } from '../numbers/number-loops.generated.js';
import { numberLoops } from '../numbers/number-loops.js';
import { escapeEnd } from './json-string.js';

/** Whether the piece that was looked through last holds an escape. */
export let pieceHasEscapes = false;

/**
 * The closing quotation mark of the string whose inside goes on at `start`, or the first place from `limit` on that no
 * escape spans; −1 for what can't stand in a string.
 */
export function stringPieceEnd(text: Uint8Array, start: number, limit: number): number {
  let escapes = false;
  let at = start;
  let long = start + LONG;
  for (;;) {
    if (at >= long) {
      if (at >= limit) break;
      at = plainEnd(text, at, limit);
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
  pieceHasEscapes = escapes;
  return at;
}

/** From this many bytes without an end or an escape on, a string is looked through eight bytes at a time. */
const LONG = 128;
const FIRST_PIECE = 512;
const LAST_PIECE = 32_768;

/**
 * The first byte from `from` on that isn't plain in a string, or the end of the text, or a place from `limit` on; `from` where
 * WebAssembly is missing. The text goes through the loops' area of values, in pieces that grow, so that little is copied in vain.
 */
function plainEnd(text: Uint8Array, from: number, limit: number): number {
  const loops = numberLoops();
  if (loops === undefined) return from;
  let at = from;
  for (let size = FIRST_PIECE; at < text.length && at < limit; size = Math.min(4 * size, LAST_PIECE)) {
    const piece = text.subarray(at, at + size);
    loops.bytes.set(piece, VALUES);
    const length = loops.plainEnd(VALUES, VALUES + piece.length) - VALUES;
    at += length;
    if (length < piece.length) break;
  }
  return at;
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
