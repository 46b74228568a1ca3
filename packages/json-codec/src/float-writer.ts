/** Decimal text of floats: C's `%.6g` where it reads back as the same value, else `%.9g` (float) or `%.17g` (double). */

import { EXACT_POWERS, scaleByPowerOfTen } from './powers-of-ten.js';

/** No text of a float is longer. */
export const MAX_FLOAT_TEXT = 26;

/**
 * Writes a float32 value into `bytes` from `at`, where {@link MAX_FLOAT_TEXT} bytes are free, and returns where it
 * ended: six significant digits if they stand for the same float32, else nine; `.0` is appended to what would look like
 * an integer; `NaN`, `Infinity`, `-Infinity`.
 */
export function writeFloat32(value: number, bytes: Uint8Array, at: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude >= 1e-17 && magnitude < 1e27)) return writeUnusual(value, bytes, at, 9);
  let to = at;
  if (value < 0) bytes[to++] = MINUS;
  const exponent = decimalExponent(magnitude);
  let scaled = scale(magnitude, 5 - exponent);
  let digits = Math.floor(scaled + 0.5);
  if (isNearTie(scaled)) return writeSlowly(magnitude, bytes, to, 9);
  if (Math.fround(scale(digits, exponent - 5)) === magnitude) {
    return digits === 1e6
      ? writeDecimal(1e5, 6, exponent + 1, bytes, to)
      : writeDecimal(digits, 6, exponent, bytes, to);
  }
  scaled = scale(magnitude, 8 - exponent);
  digits = Math.floor(scaled + 0.5);
  if (isNearTie(scaled)) return writeSlowly(magnitude, bytes, to, 9);
  return digits === 1e9 ? writeDecimal(1e8, 9, exponent + 1, bytes, to) : writeDecimal(digits, 9, exponent, bytes, to);
}

/** As {@link writeFloat32} for a float64 value, with 17 digits where six don't do. */
export function writeFloat64(value: number, bytes: Uint8Array, at: number): number {
  const magnitude = Math.abs(value);
  if (!(magnitude >= 1e-17 && magnitude < 1e27)) return writeUnusual(value, bytes, at, 17);
  let to = at;
  if (value < 0) bytes[to++] = MINUS;
  const exponent = decimalExponent(magnitude);
  const scaled = scale(magnitude, 5 - exponent);
  const digits = Math.floor(scaled + 0.5);
  if (isNearTie(scaled)) return writeSlowly(magnitude, bytes, to, 17);
  if (scale(digits, exponent - 5) !== magnitude) return writeSeventeenDigits(magnitude, exponent, bytes, to);
  return digits === 1e6 ? writeDecimal(1e5, 6, exponent + 1, bytes, to) : writeDecimal(digits, 6, exponent, bytes, to);
}

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const LETTER_E = 0x65;

/** value × 10^exponent; within one rounding for exponents from −22 to 22, within three to ±26. */
function scale(value: number, exponent: number): number {
  if (exponent >= 0)
    return exponent <= 22 ? value * EXACT_POWERS[exponent]! : value * 1e22 * EXACT_POWERS[exponent - 22]!;
  return exponent >= -22 ? value / EXACT_POWERS[-exponent]! : value / 1e22 / EXACT_POWERS[-exponent - 22]!;
}

/** Whether the rounding of `scaled` (below 10⁹) might go the other way if it were exact: the error is below 10⁻⁶. */
function isNearTie(scaled: number): boolean {
  return Math.abs(scaled - Math.floor(scaled) - 0.5) < 1e-6;
}

/** The exponent of the first significant digit, for values from 10⁻¹⁷ to 10²⁷. */
function decimalExponent(value: number): number {
  if (value >= 1) {
    if (value < 10) return 0;
    if (value < 100) return 1;
    if (value < 1e3) return 2;
    if (value < 1e4) return 3;
    if (value < 1e5) return 4;
    if (value < 1e6) return 5;
  } else {
    if (value >= 0.1) return -1;
    if (value >= 0.01) return -2;
    if (value >= 1e-3) return -3;
    if (value >= 1e-4) return -4;
  }
  const estimate = Math.floor(Math.log10(value));
  const lower = scale(1, estimate);
  if (value < lower) return estimate - 1;
  return value >= scale(1, estimate + 1) ? estimate + 1 : estimate;
}

/** `%.17g` of a double from 10⁻¹⁷ to 10²⁷ whose first digit stands for 10^exponent. */
function writeSeventeenDigits(magnitude: number, exponent: number, bytes: Uint8Array, at: number): number {
  const { high, low } = scaleByPowerOfTen(magnitude, 0, 16 - exponent);
  // Nine digits and eight. The products and differences with 10⁸ are exact, only the last sum is rounded.
  let upper = Math.floor(high / 1e8);
  const rest = high - upper * 1e8 + low;
  let lower = Math.floor(rest + 0.5);
  if (isNearTie(rest)) return writeText(roundedDigits(magnitude, 17), bytes, at, 17);
  if (lower < 0) {
    upper--;
    lower += 1e8;
  } else if (lower >= 1e8) {
    upper++;
    lower -= 1e8;
  }
  // Rounded up to a power of ten, or the first digit was misjudged: left to the exact way.
  if (upper >= 1e9 || upper < 1e8) return writeText(roundedDigits(magnitude, 17), bytes, at, 17);
  return writeSplitDecimal(upper, lower, exponent, bytes, at);
}

/** Lays out 17 digits, nine and eight of them, as {@link writeDecimal} does. */
function writeSplitDecimal(upper: number, lower: number, exponent: number, bytes: Uint8Array, at: number): number {
  const scientific = exponent < -4 || exponent >= 17;
  let to = at;
  let whole = scientific ? 1 : exponent + 1;
  if (whole <= 0) {
    bytes[to++] = ZERO;
    bytes[to++] = POINT;
    for (; whole < 0; whole++) bytes[to++] = ZERO;
  }
  writeDigits(upper, 9, bytes, to);
  writeDigits(lower, 8, bytes, to + 9);
  let end = to + 17;
  while (end > to + Math.max(whole, 1) && bytes[end - 1] === ZERO) end--;
  if (whole > 0) end = insertPoint(bytes, to + whole, end, scientific);
  return scientific ? writeExponent(exponent, bytes, end) : end;
}

/** Puts a point before the digits from `at` on; without such digits `.0`, or nothing before an exponent. */
function insertPoint(bytes: Uint8Array, at: number, end: number, scientific: boolean): number {
  if (at === end) {
    if (scientific) return end;
    bytes[end] = POINT;
    bytes[end + 1] = ZERO;
    return end + 2;
  }
  for (let i = end; i > at; i--) bytes[i] = bytes[i - 1]!;
  bytes[at] = POINT;
  return end + 1;
}

/**
 * Lays out an integer of `precision` digits whose first stands for 10^exponent as `%g` does: trailing zeros dropped,
 * exponent form below 10⁻⁴ and from 10^precision.
 */
function writeDecimal(value: number, precision: number, exponent: number, bytes: Uint8Array, at: number): number {
  let digits = value;
  let count = precision;
  for (;;) {
    const tenth = (digits / 10) | 0;
    if (tenth * 10 !== digits) break;
    digits = tenth;
    count--;
  }
  let to = at;
  if (exponent < -4 || exponent >= precision) {
    const power = EXACT_POWERS[count - 1]!;
    const first = (digits / power) | 0;
    bytes[to++] = ZERO + first;
    if (count > 1) {
      bytes[to++] = POINT;
      to = writeDigits(digits - first * power, count - 1, bytes, to);
    }
    return writeExponent(exponent, bytes, to);
  }
  if (exponent < 0) {
    bytes[to++] = ZERO;
    bytes[to++] = POINT;
    for (let i = exponent + 1; i < 0; i++) bytes[to++] = ZERO;
    return writeDigits(digits, count, bytes, to);
  }
  const fraction = count - exponent - 1;
  if (fraction <= 0) {
    to = writeDigits(digits, count, bytes, to);
    for (let i = fraction; i < 0; i++) bytes[to++] = ZERO;
    bytes[to++] = POINT;
    bytes[to++] = ZERO;
    return to;
  }
  const power = EXACT_POWERS[fraction]!;
  const whole = (digits / power) | 0;
  to = writeDigits(whole, exponent + 1, bytes, to);
  bytes[to++] = POINT;
  return writeDigits(digits - whole * power, fraction, bytes, to);
}

/** Writes an integer below 10⁹ with exactly `count` digits. */
function writeDigits(value: number, count: number, bytes: Uint8Array, at: number): number {
  let rest = value;
  for (let to = at + count - 1; to >= at; to--) {
    const tenth = (rest / 10) | 0;
    bytes[to] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + count;
}

function writeExponent(exponent: number, bytes: Uint8Array, at: number): number {
  const magnitude = Math.abs(exponent);
  bytes[at] = LETTER_E;
  bytes[at + 1] = exponent < 0 ? MINUS : PLUS;
  return writeDigits(magnitude, magnitude < 100 ? 2 : 3, bytes, at + 2);
}

/** Zeros, NaN, infinities, very large and very small values. */
function writeUnusual(value: number, bytes: Uint8Array, at: number, precision: number): number {
  if (Number.isNaN(value)) return writeAscii('NaN', bytes, at);
  const negative = value < 0 || Object.is(value, -0);
  const to = negative ? writeAscii('-', bytes, at) : at;
  const magnitude = Math.abs(value);
  if (magnitude === 0) return writeAscii('0.0', bytes, to);
  if (magnitude === Number.POSITIVE_INFINITY) return writeAscii('Infinity', bytes, to);
  return writeSlowly(magnitude, bytes, to, precision);
}

/** The rule word for word, with exact decimal digits. */
function writeSlowly(magnitude: number, bytes: Uint8Array, at: number, precision: number): number {
  const six = roundedDigits(magnitude, 6);
  const back = precision === 9 ? Math.fround(Number(six)) : Number(six);
  return back === magnitude
    ? writeText(six, bytes, at, 6)
    : writeText(roundedDigits(magnitude, precision), bytes, at, precision);
}

/** `d.ddd…e±x` with `precision` digits, rounded from the exact value, ties to the even digit. */
function roundedDigits(value: number, precision: number): string {
  const text = value.toExponential(precision - 1);
  const exponent = Number(text.slice(precision + 2));
  if (precision === 17 && !mayBeTie(value, exponent)) return text;
  const exact = value.toExponential(60);
  // JavaScript rounds a tie up; C to the even digit.
  if (!/^50*e/.test(exact.slice(precision + 1)) || (exact.charCodeAt(precision) & 1) === 1) return text;
  return exact.slice(0, precision + 1) + exact.slice(exact.indexOf('e'));
}

/** Whether a double may lie halfway between two decimals of 17 digits: it then has one binary place more than they have decimal ones. */
function mayBeTie(value: number, exponent: number): boolean {
  const scaled = value * 2 ** (17 - exponent);
  return scaled < 2 ** 53 && scaled % 2 === 1;
}

/** Lays out `d.ddd…e±x` of `precision` digits as `%g` does. */
function writeText(text: string, bytes: Uint8Array, at: number, precision: number): number {
  const exponent = Number(text.slice(precision + 2));
  let count = precision;
  while (count > 1 && text.charCodeAt(count) === ZERO) count--;
  let to = at;
  if (exponent < -4 || exponent >= precision) {
    to = writeAscii(text.slice(0, count === 1 ? 1 : count + 1), bytes, to);
    return writeExponent(exponent, bytes, to);
  }
  const digit = (i: number): number => (i === 0 ? text.charCodeAt(0) : i < count ? text.charCodeAt(i + 1) : ZERO);
  if (exponent < 0) {
    bytes[to++] = ZERO;
    bytes[to++] = POINT;
    for (let i = exponent + 1; i < 0; i++) bytes[to++] = ZERO;
    for (let i = 0; i < count; i++) bytes[to++] = digit(i);
    return to;
  }
  for (let i = 0; i <= exponent; i++) bytes[to++] = digit(i);
  bytes[to++] = POINT;
  if (count <= exponent + 1) bytes[to++] = ZERO;
  for (let i = exponent + 1; i < count; i++) bytes[to++] = digit(i);
  return to;
}

function writeAscii(text: string, bytes: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
