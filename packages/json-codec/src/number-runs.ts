/**
 * The loops that read numbers of a list straight from the body into a typed array: whole lists at a time, the text read
 * once. They handle well-formed lists of the usual forms and give up (return −1) on everything else.
 *
 * All of them read from `from` to the first element that no comma follows and return the position of the byte after it;
 * `single` makes them stop after one element. They need no check for the end of the text, as the caller has made sure
 * that a `}` stands behind everything they may read: no loop goes past one.
 */
import { asciiText, decimalValue } from './decimal-value.js';
import { type GrowingNumbers, LOW_HALF } from './growing-numbers.js';
import { EXACT_POWERS } from './powers-of-ten.js';

/** What the loops return when something unusual stands in the list. */
export const GIVE_UP = -1;

/** Numbers into a Float32Array or Float64Array, rounded correctly (to double first, as float32 is defined). */
export function scanFloats(text: Uint8Array, from: number, numbers: GrowingNumbers, single: boolean): number {
  let array = numbers.array as Float64Array | Float32Array;
  let length = numbers.length;
  let at = from;
  for (;;) {
    let byte = text[at]!;
    while (isSpace(byte)) byte = text[++at]!;
    const start = at;
    if (byte === MINUS) byte = text[++at]!;
    let digit = byte - ZERO;
    let significand = digit;
    let exponent = 0;
    let value: number;
    if (digit >>> 0 > 9) {
      at = wordEnd(text, at);
      if (at < 0) return GIVE_UP;
      value = wordValue(text, start);
    } else {
      digit = text[++at]! - ZERO;
      if (significand === 0 && digit >>> 0 <= 9) return GIVE_UP;
      while (digit >>> 0 <= 9) {
        significand = significand * 10 + digit;
        digit = text[++at]! - ZERO;
      }
      const integerEnd = at;
      if (digit === POINT - ZERO) {
        digit = text[++at]! - ZERO;
        while (digit >>> 0 <= 9) {
          significand = significand * 10 + digit;
          digit = text[++at]! - ZERO;
        }
        exponent = integerEnd + 1 - at;
        if (exponent === 0) return GIVE_UP;
      }
      if (digit === LETTER_E - ZERO || digit === SMALL_E - ZERO) {
        const end = exponentEnd(text, at + 1);
        if (end < 0) return GIVE_UP;
        exponent += exponentValue(text, at + 1, end);
        at = end;
      }
      if (significand <= MAX_SAFE && exponent >= -22 && exponent <= 22) {
        value = exponent < 0 ? significand / EXACT_POWERS[-exponent]! : significand * EXACT_POWERS[exponent]!;
      } else {
        value = hardNumber(text, start, at, significand, exponent, array.BYTES_PER_ELEMENT === 4);
        if (value < 0) return GIVE_UP;
      }
      // An integer token -0 is 0, a double token -0.0 is not.
      if (text[start] === MINUS && (value !== 0 || at !== integerEnd)) value = -value;
    }
    if (length === array.length) {
      numbers.length = length;
      array = growFor(numbers, text, at) as Float64Array | Float32Array;
    }
    array[length++] = value;
    byte = text[at]!;
    while (isSpace(byte)) byte = text[++at]!;
    if (byte !== COMMA || single) {
      numbers.length = length;
      return at;
    }
    at++;
  }
}

/** Integer tokens from `min` to `max` (within ±2⁵³) into an array of up to 32 bits, wrapped to its width. */
export function scanIntegers(
  text: Uint8Array,
  from: number,
  numbers: GrowingNumbers,
  single: boolean,
  min: number,
  max: number,
): number {
  let array = numbers.array as Int32Array;
  let length = numbers.length;
  let at = from;
  for (;;) {
    let byte = text[at]!;
    while (isSpace(byte)) byte = text[++at]!;
    const negative = byte === MINUS;
    if (negative) byte = text[++at]!;
    let digit = byte - ZERO;
    if (digit >>> 0 > 9) return GIVE_UP;
    let value = digit;
    digit = text[++at]! - ZERO;
    if (value === 0 && digit >>> 0 <= 9) return GIVE_UP;
    while (digit >>> 0 <= 9) {
      value = value * 10 + digit;
      digit = text[++at]! - ZERO;
    }
    if (negative) value = -value;
    if (value < min || value > max) return GIVE_UP;
    if (length === array.length) {
      numbers.length = length;
      array = growFor(numbers, text, at) as Int32Array;
    }
    array[length++] = value;
    byte = text[at]!;
    while (isSpace(byte)) byte = text[++at]!;
    if (byte !== COMMA || single) {
      numbers.length = length;
      return at;
    }
    at++;
  }
}

/** Integer tokens within ±2⁵³ (from 0 when `unsigned`) into a 64-bit array; larger ones are left to the exact reader. */
export function scanLongs(
  text: Uint8Array,
  from: number,
  numbers: GrowingNumbers,
  single: boolean,
  unsigned: boolean,
): number {
  let capacity = numbers.array.length;
  let halves = numbers.halves!;
  let length = numbers.length;
  let at = from;
  for (;;) {
    let byte = text[at]!;
    while (isSpace(byte)) byte = text[++at]!;
    const start = at;
    if (byte === MINUS) byte = text[++at]!;
    let digit = byte - ZERO;
    if (digit >>> 0 > 9) return GIVE_UP;
    let value = digit;
    digit = text[++at]! - ZERO;
    if (value === 0 && digit >>> 0 <= 9) return GIVE_UP;
    while (digit >>> 0 <= 9) {
      value = value * 10 + digit;
      digit = text[++at]! - ZERO;
    }
    if (length === capacity) {
      numbers.length = length;
      capacity = growFor(numbers, text, at).length;
      halves = numbers.halves!;
    }
    const negative = text[start] === MINUS;
    if (value <= MAX_SAFE) {
      if (negative) {
        if (unsigned && value !== 0) return GIVE_UP;
        value = -value;
      }
      halves[2 * length + LOW_HALF] = value;
      halves[2 * length + 1 - LOW_HALF] = Math.floor(value / 2 ** 32);
    } else if (!storeLong(text, start, at, numbers.array as BigInt64Array, length, unsigned)) {
      return GIVE_UP;
    }
    length++;
    byte = text[at]!;
    while (isSpace(byte)) byte = text[++at]!;
    if (byte !== COMMA || single) {
      numbers.length = length;
      return at;
    }
    at++;
  }
}

/** `true` and `false` into an array of bytes 1 and 0. */
export function scanBooleans(text: Uint8Array, from: number, numbers: GrowingNumbers, single: boolean): number {
  let at = from;
  for (;;) {
    let byte = text[at]!;
    while (isSpace(byte)) byte = text[++at]!;
    const value = byte === SMALL_T;
    const end = value ? matchEnd(text, at, 'true') : matchEnd(text, at, 'false');
    if (end < 0) return GIVE_UP;
    if (numbers.length === numbers.array.length) growFor(numbers, text, end);
    numbers.array[numbers.length++] = value ? 1 : 0;
    at = end;
    byte = text[at]!;
    while (isSpace(byte)) byte = text[++at]!;
    if (byte !== COMMA || single) return at;
    at++;
  }
}

/** JSON's white space; a byte past the end is none. */
export function isSpace(byte: number): boolean {
  return byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

const COMMA = 0x2c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const LETTER_E = 0x45;
const LETTER_I = 0x49;
const LETTER_N = 0x4e;
const SMALL_E = 0x65;
const SMALL_T = 0x74;

const MAX_SAFE = 2 ** 53 - 1;

/** The array after growing to what the rest of the text is likely to hold, judged by what was read so far. */
function growFor(numbers: GrowingNumbers, text: Uint8Array, at: number): GrowingNumbers['array'] {
  const bytesEach = Math.max(2, (at - numbers.origin) / (numbers.length + 1));
  return numbers.reserve(Math.ceil(((text.length - at) / bytesEach) * 1.05) + 16);
}

/** Longer tokens go to the exact reader, which knows when they are too big. */
const MAX_TOKEN = 300;

/**
 * A number without its sign whose digits or exponent are too many for one exact step; −1 to give up. `significand` and
 * `exponent` are right to a relative error of 2⁻⁴⁸ as long as the token has up to 24 digits: enough to tell the float32
 * in all but one case of millions.
 */
function hardNumber(
  text: Uint8Array,
  start: number,
  end: number,
  significand: number,
  exponent: number,
  single: boolean,
): number {
  if (end - start > MAX_TOKEN) return -1;
  if (single && end - start <= 24 && exponent >= -44 && exponent <= 22) {
    const scaled =
      exponent < 0
        ? exponent < -22
          ? significand / 1e22 / EXACT_POWERS[-22 - exponent]!
          : significand / EXACT_POWERS[-exponent]!
        : significand * EXACT_POWERS[exponent]!;
    const lower = Math.fround(scaled * (1 - 2 ** -48));
    if (lower > 1e-37 && lower === Math.fround(scaled * (1 + 2 ** -48))) return lower;
  }
  return decimalValue(text, text[start] === MINUS ? start + 1 : start, end);
}

/** Where an exponent of one or two digits ends whose sign or first digit is at `from`; −1 for others. */
function exponentEnd(text: Uint8Array, from: number): number {
  let at = from;
  if (text[at] === PLUS || text[at] === MINUS) at++;
  const first = at;
  while ((text[at]! - ZERO) >>> 0 <= 9) at++;
  return at === first || at > first + 2 ? GIVE_UP : at;
}

function exponentValue(text: Uint8Array, from: number, end: number): number {
  const signed = text[from] === PLUS || text[from] === MINUS;
  let value = 0;
  for (let i = signed ? from + 1 : from; i < end; i++) value = value * 10 + text[i]! - ZERO;
  return text[from] === MINUS ? -value : value;
}

function matchEnd(text: Uint8Array, at: number, word: string): number {
  for (let i = 0; i < word.length; i++) if (text[at + i] !== word.charCodeAt(i)) return GIVE_UP;
  return at + word.length;
}

/** Where `NaN`, `Inf` or `Infinity` at `at` ends; −1 for anything else. */
function wordEnd(text: Uint8Array, at: number): number {
  if (text[at] === LETTER_N) return matchEnd(text, at, 'NaN');
  if (text[at] !== LETTER_I) return GIVE_UP;
  const long = matchEnd(text, at, 'Infinity');
  return long < 0 ? matchEnd(text, at, 'Inf') : long;
}

function wordValue(text: Uint8Array, start: number): number {
  const negative = text[start] === MINUS;
  if (text[negative ? start + 1 : start] === LETTER_N) return Number.NaN;
  return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Stores an integer beyond 2⁵³; false when it doesn't fit. */
function storeLong(
  text: Uint8Array,
  start: number,
  end: number,
  array: BigInt64Array,
  index: number,
  unsigned: boolean,
): boolean {
  if (end - start > 20) return false;
  const value = BigInt(asciiText(text, start, end));
  if (unsigned ? value < 0n || value >= 2n ** 64n : value < -(2n ** 63n) || value >= 2n ** 63n) return false;
  array[index] = value;
  return true;
}
