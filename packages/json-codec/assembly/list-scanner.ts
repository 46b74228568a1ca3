/**
 * Nested lists of numbers from text to one run of values. The text comes in pieces: a scan ends when its lists do, or
 * when a piece does, and then goes on where it was. It gives up on everything unusual: lists of unequal length, empty
 * ones, values that aren't of the type, errors.
 */
import {
  COUNTS,
  DEPTH,
  MARGIN,
  MAX_RANK,
  PHASE,
  POSITION,
  RANK,
  RUN,
  SIZES,
  VALUE_COUNT,
  VALUES,
} from './memory-areas';
import { readBoolean, readFloat, readInteger } from './read-number';

export const DONE: i32 = 0;
export const MORE_TEXT: i32 = 1;
export const GIVE_UP: i32 = 2;

/** What the next byte that is no white space must be. */
const AT_START: i32 = 0;
const AT_VALUE: i32 = 1;
const AFTER_VALUE: i32 = 2;
const AFTER_LIST: i32 = 3;
const AT_LIST: i32 = 4;

const COMMA: u32 = 0x2c;
const OPEN: u32 = 0x5b;
const CLOSE: u32 = 0x5d;

/**
 * Scans from `from`, where the last call ended or, when `isStart`, a tensor begins, to `end`. What is there of the text
 * goes on behind unless `isLast`; then {@link MORE_TEXT} is returned before a number could be cut. The values of this
 * call are in VALUES.
 */
export function scanLists<T>(from: usize, end: usize, isLast: bool, isStart: bool): i32 {
  // No loop goes past a zero; some look at eight bytes at a time.
  store<u64>(end, 0);
  store<u64>(end, 0, 8);
  const limit = isLast ? end : end - MARGIN;
  let at = from;
  let out = VALUES;
  let rank = isStart ? 0 : load<i32>(RANK);
  let depth = isStart ? 0 : load<i32>(DEPTH);
  let phase = isStart ? AT_START : load<i32>(PHASE);
  let run = isStart ? 0 : load<i32>(RUN);
  let outcome = GIVE_UP;
  for (;;) {
    let byte = <u32>load<u8>(at);
    while (isSpace(byte)) byte = <u32>load<u8>(++at);
    if (at >= limit) {
      outcome = MORE_TEXT;
      break;
    }
    if (phase === AT_VALUE) {
      for (;;) {
        const valueEnd = readValue<T>(at, out);
        if (valueEnd === 0) {
          phase = -1;
          break;
        }
        out += sizeof<T>();
        run++;
        at = valueEnd;
        byte = <u32>load<u8>(at);
        if (byte !== COMMA) {
          // Short lists in a list, one right after the other, are the most usual end.
          const next = depth > 1 && byte === CLOSE ? nextList(at) : 0;
          if (next === 0 || !isListOf(depth - 1, run)) {
            phase = AFTER_VALUE;
            break;
          }
          const level = (<usize>(depth - 2)) << 2;
          store<i32>(COUNTS + level, load<i32>(COUNTS + level) + 1);
          run = 0;
          at = next;
        }
        byte = <u32>load<u8>(++at);
        if (byte === 0x20) byte = <u32>load<u8>(++at);
        if (byte <= 0x20) break;
        if (at >= limit) break;
      }
      if (phase < 0) break;
    } else if (phase === AFTER_VALUE) {
      at++;
      if (byte === COMMA) {
        phase = AT_VALUE;
      } else {
        depth--;
        if (byte !== CLOSE || !isListOf(depth, run)) break;
        run = 0;
        phase = AFTER_LIST;
        if (depth === 0) {
          outcome = DONE;
          break;
        }
      }
    } else if (phase === AFTER_LIST) {
      const level = (<usize>(depth - 1)) << 2;
      const count = load<i32>(COUNTS + level) + 1;
      store<i32>(COUNTS + level, count);
      at++;
      if (byte === COMMA) {
        phase = AT_LIST;
      } else {
        depth--;
        if (byte !== CLOSE || !isListOf(depth, count)) break;
        store<i32>(COUNTS + level, 0);
        if (depth === 0) {
          outcome = DONE;
          break;
        }
      }
    } else if (phase === AT_LIST) {
      if (byte !== OPEN) break;
      at++;
      if (++depth === rank) phase = AT_VALUE;
    } else {
      if (byte === OPEN) {
        if (rank === MAX_RANK) break;
        const level = (<usize>rank) << 2;
        store<i32>(SIZES + level, -1);
        store<i32>(COUNTS + level, 0);
        depth = ++rank;
        at++;
      } else if (rank > 0) {
        phase = AT_VALUE;
      } else {
        const valueEnd = readScalar<T>(at, out);
        if (valueEnd === 0) break;
        at = valueEnd;
        out += sizeof<T>();
        outcome = DONE;
        break;
      }
    }
  }
  store<i32>(RANK, rank);
  store<i32>(DEPTH, depth);
  store<i32>(PHASE, phase);
  store<i32>(RUN, run);
  store<u32>(POSITION, at);
  store<u32>(VALUE_COUNT, (out - VALUES) / sizeof<T>());
  return outcome;
}

/** The opening bracket that follows a closing one at `at` after a comma, and perhaps a blank; 0 when none does. */
function nextList(at: usize): usize {
  const three = load<u32>(at, 1) & 0xffffff;
  if ((three & 0xffff) === 0x5b2c) return at + 2;
  return three === 0x5b202c ? at + 3 : 0;
}

function isSpace(byte: u32): bool {
  return byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

/** Whether a list at a level has the length of the first one there, or is itself the first. */
function isListOf(level: i32, size: i32): bool {
  const address = SIZES + ((<usize>level) << 2);
  const expected = load<i32>(address);
  if (expected === -1) store<i32>(address, size);
  return expected === size || expected === -1;
}

function readScalar<T>(at: usize, out: usize): usize {
  return readValue<T>(at, out);
}

/* @inline */ function readValue<T>(at: usize, out: usize): usize {
  if (isBoolean<T>()) return readBoolean(at, out);
  if (isFloat<T>()) return readFloat<T>(at, out);
  return readInteger<T>(at, out);
}
