/** Number tokens: their kind, their limits and their exact values. */
import { decimalValue } from '../numbers/decimal-value.js';
import { jsonParseError } from './json-parse-error.js';
import { DOUBLE, INTEGER, type JsonTape } from './json-tape.js';
import { matchWord } from './json-word.js';

/**
 * Reads the number token at `start` into the tape; where it ends. Integers that fit neither int64 nor uint64 are
 * doubles, like everything with a fraction or an exponent, `NaN` and `Inf`.
 *
 * @throws ServingError `INVALID_ARGUMENT` when no number stands there, or one that is too big to be stored in a double.
 */
export function scanNumber(tape: JsonTape, start: number): number {
  const text = tape.text;
  const integer = text[start] === MINUS ? start + 1 : start;
  const first = text[integer];
  if (first === LETTER_I || first === LETTER_N) {
    const end = scanWord(text, integer);
    tape.add(DOUBLE, start, end);
    return end;
  }
  if (!isDigit(first)) throw jsonParseError('Invalid value.', integer);
  const integerEnd = first === ZERO ? integer + 1 : afterDigits(text, integer);
  const fits = integerFits(text, start, integerEnd);
  if (!fits && integerEnd - integer > MAX_EXPONENT) checkIntegerDigits(text, start, integerEnd);
  let end = integerEnd;
  if (text[end] === POINT) {
    end++;
    if (!isDigit(text[end])) throw jsonParseError('Miss fraction part in number.', end);
    end = afterDigits(text, end);
  }
  if (text[end] === LETTER_E_SMALL || text[end] === LETTER_E) {
    const fractionEnd = end;
    end++;
    const sign = text[end];
    if (sign === PLUS || sign === MINUS) end++;
    if (!isDigit(text[end])) throw jsonParseError('Miss exponent in number.', end);
    const exponent = end;
    end = afterDigits(text, end);
    if (sign !== MINUS) checkExponent(text, start, integerEnd, fractionEnd, exponent, end);
  }
  tape.add(fits && end === integerEnd ? INTEGER : DOUBLE, start, end);
  return end;
}

/** The value of a number token, rounded correctly to double. `-0` is +0, `-0.0` is −0. */
export function numberValue(tape: JsonTape, node: number): number {
  const { text } = tape;
  const start = tape.starts[node]!;
  const end = tape.ends[node]!;
  const negative = text[start] === MINUS;
  const first = text[negative ? start + 1 : start];
  if (first === LETTER_N) return Number.NaN;
  const value = first === LETTER_I ? Number.POSITIVE_INFINITY : decimalValue(text, negative ? start + 1 : start, end);
  return negative && (value !== 0 || tape.kind(node) === DOUBLE) ? -value : value;
}

const LETTER_E = 0x45;
const LETTER_I = 0x49;
const LETTER_N = 0x4e;
const LETTER_E_SMALL = 0x65;

/** The largest decimal exponent of a double. */
const MAX_EXPONENT = 308;

/** How large the digits of an integer token may be, without and with a sign. */
export const INTEGER64_LIMITS: { readonly positive: bigint; readonly negative: bigint } = {
  positive: 2n ** 64n - 1n,
  negative: 2n ** 63n,
};
const UINT64_MAX_DIGITS = String(INTEGER64_LIMITS.positive);
const INT64_MIN_DIGITS = String(INTEGER64_LIMITS.negative);

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

function afterDigits(text: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(text[at])) {
    if (++at - start > MAX_DIGITS) throw jsonParseError(`Number of more than ${MAX_DIGITS} digits`, start);
  }
  return at;
}

/** Longer numbers stand in no honest request, and reading one would keep everything else waiting. */
const MAX_DIGITS: number = 1024 * 1024;

function scanWord(text: Uint8Array, start: number): number {
  if (text[start] === LETTER_N) return matchWord(text, start, 'NaN');
  const end = matchWord(text, start, 'Inf');
  return text[end] === 0x69 ? matchWord(text, start, 'Infinity') : end;
}

/** Whether the digits of an integer token stay within int64 (after `-`) or uint64. */
function integerFits(text: Uint8Array, start: number, end: number): boolean {
  const negative = text[start] === MINUS;
  const digits = negative ? start + 1 : start;
  const limit = negative ? INT64_MIN_DIGITS : UINT64_MAX_DIGITS;
  if (end - digits !== limit.length) return end - digits < limit.length;
  for (let i = 0; i < limit.length; i++) {
    const difference = text[digits + i]! - limit.charCodeAt(i);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

/**
 * TensorFlow Serving accumulates integer digits past 64 bits in a double, and rejects values from 1.79…e307.
 * Its rounding decides, so its steps are repeated here.
 */
function checkIntegerDigits(text: Uint8Array, start: number, end: number): void {
  let at = text[start] === MINUS ? start + 1 : start;
  const limit = at === start ? INTEGER64_LIMITS.positive : INTEGER64_LIMITS.negative;
  let exact = 0n;
  for (; at < end; at++) {
    const next = exact * 10n + BigInt(text[at]! - ZERO);
    if (next > limit) break;
    exact = next;
  }
  let value = Number(exact);
  for (; at < end; at++) {
    if (value >= Number.MAX_VALUE / 10) throw jsonParseError(TOO_BIG, start);
    value = value * 10 + (text[at]! - ZERO);
  }
}

const TOO_BIG = 'Number too big to be stored in double.';

/** An exponent of two or more digits may be at most 308 and as much more as the fraction digits that count. */
function checkExponent(
  text: Uint8Array,
  start: number,
  integerEnd: number,
  fractionEnd: number,
  exponent: number,
  end: number,
): void {
  if (end - exponent < 3) return;
  let value = 0;
  for (let i = exponent; i < end && value < 2 ** 32; i++) value = value * 10 + text[i]! - ZERO;
  if (value <= MAX_EXPONENT) return;
  if (value > MAX_EXPONENT + countedFractionDigits(text, start, integerEnd, fractionEnd)) {
    throw jsonParseError(TOO_BIG, start);
  }
}

/** The fraction digits that TensorFlow Serving takes into its significand: up to 17 significant ones in all. */
function countedFractionDigits(text: Uint8Array, start: number, integerEnd: number, fractionEnd: number): number {
  if (integerEnd === fractionEnd) return 0;
  const integer = text[start] === MINUS ? start + 1 : start;
  let significant = integerEnd - integer - 1;
  let at = integerEnd + 1;
  if (integerFits(text, start, integerEnd)) {
    let significand = 0;
    for (let i = integer; i < integerEnd; i++) significand = significand * 10 + text[i]! - ZERO;
    for (; at < fractionEnd && significand <= Number.MAX_SAFE_INTEGER; at++) {
      significand = significand * 10 + text[at]! - ZERO;
      if (significand !== 0) significant++;
    }
  }
  const rest = Math.min(fractionEnd - at, Math.max(0, 17 - significant));
  return at - (integerEnd + 1) + rest;
}

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
