/** One element of a list from text: each function stores the value and returns where its text ends, 0 to give up. */
import { decimalToDouble, decimalToFloat, EXACT_POWERS, leadingDigitsToFloat } from './decimal-to-double';
import { allDigits, digitCount, firstDigits, SCALES, sixteenDigits, ZEROS } from './eight-digits';
import { parseExactly } from './host';

const MINUS: u32 = 0x2d;
const PLUS: u32 = 0x2b;
const POINT: u32 = 0x2e;
const ZERO: u32 = 0x30;
/** In lower case. */
const LETTER_E: u32 = 0x65;

/** Longer tokens are left to the exact reader, which knows when a number is too big. No window cuts shorter ones. */
const MAX_TOKEN: usize = 300;
/** More digits may not fit into 64 bits. */
const MAX_DIGITS: i32 = 19;
/** An exponent above may be an error. */
const MAX_EXPONENT: i32 = 308;

/**
 * A number of any form into a float32 or float64, rounded correctly. Most have one digit before the point and up to seven
 * behind it; this is for them, and short enough to stand in its caller's loop.
 */
/* @inline */ export function readFloat<T>(start: usize, out: usize): usize {
  const negative = load<u8>(start) === MINUS;
  const first = start + <usize>negative;
  const digit = <u32>load<u8>(first) - ZERO;
  if (digit <= 9 && load<u8>(first, 1) === POINT) {
    const values = select<u64>(load<u64>(start, 3), load<u64>(start, 2), negative) ^ ZEROS;
    const few = digitCount(values);
    const end = first + 2 + few;
    if (<u32>(few - 1) < 7 && (load<u8>(end) | 0x20) !== LETTER_E) {
      return storeQuotient<T>(<u64>digit * unchecked(SCALES[few]) + firstDigits(values, few), few, negative, out, end);
    }
  }
  return readOtherFloat<T>(first, negative, out);
}

/** One digit, a point and eight digits or more: doubles and their like as most languages print them. */
function readLongFraction<T>(first: usize, negative: bool, out: usize): usize {
  const fraction = first + 2;
  const sixteen = i8x16.sub(v128.load(fraction), i8x16.splat(<i8>ZERO));
  if (v128.any_true(i8x16.gt_u(sixteen, i8x16.splat(9)))) return readMiddlingFraction<T>(first, negative, out);
  const digits = <u64>(<u32>load<u8>(first) - ZERO) * 10000000000000000 + sixteenDigits(sixteen);
  const values = load<u64>(fraction, 16) ^ ZEROS;
  const few = digitCount(values);
  const end = fraction + 16 + few;
  if (few === 8 || (load<u8>(end) | 0x20) === LETTER_E) return readAnyFloat<T>(first, negative, out);
  let value: f64;
  if (sizeof<T>() === 4) {
    value = leadingDigitsToFloat(digits);
  } else {
    // Nineteen digits at most fit into 64 bits.
    if (few > 2) return readAnyFloat<T>(first, negative, out);
    value = decimalToDouble(digits * unchecked(SCALES[few]) + firstDigits(values, few), -16 - few);
  }
  if (Number.isNaN(value)) return readAnyFloat<T>(first, negative, out);
  store<T>(out, <T>(negative ? -value : value));
  return end;
}

/** The same with eight to fifteen digits behind the point. */
function readMiddlingFraction<T>(first: usize, negative: bool, out: usize): usize {
  const eight = load<u64>(first, 2) ^ ZEROS;
  if (digitCount(eight) !== 8) return readAnyFloat<T>(first, negative, out);
  const values = load<u64>(first, 10) ^ ZEROS;
  const few = digitCount(values);
  const end = first + 10 + few;
  if ((load<u8>(end) | 0x20) === LETTER_E) return readAnyFloat<T>(first, negative, out);
  const nine = <u64>(<u32>load<u8>(first) - ZERO) * 100000000 + allDigits(eight);
  const digits = nine * unchecked(SCALES[few]) + firstDigits(values, few);
  const value = sizeof<T>() === 4 ? decimalToFloat(digits, -8 - few) : decimalToDouble(digits, -8 - few);
  if (Number.isNaN(value)) return readAnyFloat<T>(first, negative, out);
  store<T>(out, <T>(negative ? -value : value));
  return end;
}

/** Up to seven digits before the point, and up to seven behind it or none and no point; or anything else. */
function readOtherFloat<T>(first: usize, negative: bool, out: usize): usize {
  if (load<u8>(first, 1) === POINT && <u32>load<u8>(first) - ZERO <= 9) {
    return readLongFraction<T>(first, negative, out);
  }
  const whole = load<u64>(first) ^ ZEROS;
  const count = digitCount(whole);
  if (<u32>(count - 1) > 6 || (count > 1 && (whole & 0xff) === 0)) return readAnyFloat<T>(first, negative, out);
  const digits = firstDigits(whole, count);
  let end = first + count;
  const next = <u32>load<u8>(end);
  if (next !== POINT) {
    if ((next | 0x20) === LETTER_E) return readAnyFloat<T>(first, negative, out);
    // An integer token -0 is 0, a double token -0.0 is not.
    const value: i64 = negative ? 0 - digits : digits;
    store<T>(out, <T>value);
    return end;
  }
  const values = load<u64>(end, 1) ^ ZEROS;
  const few = digitCount(values);
  end += 1 + few;
  if (<u32>(few - 1) > 6 || (load<u8>(end) | 0x20) === LETTER_E) return readAnyFloat<T>(first, negative, out);
  return storeQuotient<T>(digits * unchecked(SCALES[few]) + firstDigits(values, few), few, negative, out, end);
}

/**
 * digits × 10^−few of up to 14 digits, up to 7 of them behind the point. A double holds both exactly, so one division
 * rounds correctly; and no such quotient lies so near to the middle of two float32 that rounding twice would matter.
 */
/* @inline */ function storeQuotient<T>(digits: u64, few: i32, negative: bool, out: usize, end: usize): usize {
  const value = <f64>(<i64>digits) / unchecked(EXACT_POWERS[few]);
  if (sizeof<T>() === 4) store<u32>(out, reinterpret<u32>(<f32>value) | ((<u32>negative) << 31));
  else store<u64>(out, reinterpret<u64>(value) | ((<u64>negative) << 63));
  return end;
}

/** A number of any form from its first digit on. The double is rounded correctly; a float32 is that double, rounded. */
function readAnyFloat<T>(first: usize, negative: bool, out: usize): usize {
  let at = first;
  let digit = <u32>load<u8>(at) - ZERO;
  if (digit > 9) return readWord<T>(at, negative, out);
  let digits = <u64>digit;
  digit = <u32>load<u8>(++at) - ZERO;
  if (digit <= 9) {
    if (digits === 0) return 0;
    at = readDigits(first);
    digits = digitsRead;
    digit = <u32>load<u8>(at) - ZERO;
  }
  const integerEnd = at;
  let count = <i32>(at - first);
  let exponent = 0;
  if (digit === POINT - ZERO) {
    const fraction = ++at;
    let values = load<u64>(at) ^ ZEROS;
    let few = digitCount(values);
    while (few === 8) {
      digits = digits * 100000000 + allDigits(values);
      at += 8;
      values = load<u64>(at) ^ ZEROS;
      few = digitCount(values);
    }
    digits = digits * unchecked(SCALES[few]) + firstDigits(values, few);
    at += few;
    exponent = <i32>(fraction - at);
    if (exponent === 0) return 0;
    count -= exponent;
    digit = <u32>load<u8>(at) - ZERO;
  }
  const digitsEnd = at;
  if (((digit + ZERO) | 0x20) === LETTER_E) {
    digit = <u32>load<u8>(++at);
    const minus = digit === MINUS;
    if (minus || digit === PLUS) at++;
    digit = <u32>load<u8>(at) - ZERO;
    if (digit > 9) return 0;
    let power: i32 = 0;
    while (digit <= 9) {
      power = min(power * 10 + digit, 100000);
      digit = <u32>load<u8>(++at) - ZERO;
    }
    if (!minus && power > MAX_EXPONENT) return 0;
    exponent += minus ? -power : power;
  }
  if (at - first >= MAX_TOKEN) return 0;
  let value: f64;
  if (count > MAX_DIGITS) value = manyDigits(first, digitsEnd, exponent);
  else if (sizeof<T>() === 4) value = decimalToFloat(digits, exponent);
  else value = decimalToDouble(digits, exponent);
  if (Number.isNaN(value)) value = parseExactly(first, at);
  // An integer token -0 is 0, a double token -0.0 is not.
  if (negative && (value !== 0 || at !== integerEnd)) value = -value;
  store<T>(out, <T>value);
  return at;
}

/** An integer token into an integer type, which narrower ones than 32 bits take wrapped. */
/* @inline */ export function readInteger<T>(start: usize, out: usize): usize {
  const negative = load<u8>(start) === MINUS;
  const first = start + <usize>negative;
  const digits = load<u64>(first) ^ ZEROS;
  const count = digitCount(digits);
  const isPlain = <u32>(count - 1) < 7 && (count === 1 || (digits & 0xff) !== 0);
  if (!isPlain || (negative && !isSigned<T>())) {
    return sizeof<T>() === 8 ? readLongInteger<T>(first, negative, out) : readAnyInteger<T>(first, negative, out);
  }
  const value = firstDigits(digits, count);
  store<T>(out, <T>(negative ? 0 - value : value));
  return first + count;
}

/** One of eight to fifteen digits, or any other. */
function readLongInteger<T>(first: usize, negative: bool, out: usize): usize {
  const eight = load<u64>(first) ^ ZEROS;
  const values = load<u64>(first, 8) ^ ZEROS;
  const few = digitCount(values);
  const isLong = digitCount(eight) === 8 && few !== 8 && (eight & 0xff) !== 0;
  if (!isLong || (negative && !isSigned<T>())) return readAnyInteger<T>(first, negative, out);
  const value = allDigits(eight) * unchecked(SCALES[few]) + firstDigits(values, few);
  store<T>(out, <T>(negative ? 0 - value : value));
  return first + 8 + few;
}

/** One of any length, from its first digit on. */
function readAnyInteger<T>(first: usize, negative: bool, out: usize): usize {
  const digit = <u32>load<u8>(first) - ZERO;
  if (digit > 9) return 0;
  const at = readDigits(first);
  const value = digitsRead;
  const count = at - first;
  if (digit === 0 && count > 1) return 0;
  if (sizeof<T>() === 8) {
    if (count > 20 || (count === 20 && !fitsTwentyDigits(first, value))) return 0;
    if (isSigned<T>()) {
      if (value > <u64>i64.MAX_VALUE + <u64>negative) return 0;
    } else if (negative && value !== 0) {
      return 0;
    }
  } else {
    if (count > 10) return 0;
    if (sizeof<T>() === 4 && !isSigned<T>()) {
      if (value > <u64>u32.MAX_VALUE || (negative && value !== 0)) return 0;
    } else if (value > <u64>i32.MAX_VALUE + <u64>negative) {
      return 0;
    }
  }
  store<T>(out, <T>(negative ? 0 - value : value));
  return at;
}

/** `true` or `false` into a byte 1 or 0. */
export function readBoolean(start: usize, out: usize): usize {
  const four = load<u32>(start);
  if (four === 0x65757274) {
    store<u8>(out, 1);
    return start + 4;
  }
  if (four !== 0x736c6166 || load<u8>(start, 4) !== 0x65) return 0;
  store<u8>(out, 0);
  return start + 5;
}

/** The number that {@link readDigits} read, modulo 2⁶⁴. */
let digitsRead: u64 = 0;

/** Reads digits, of which there is at least one; where they end. */
function readDigits(start: usize): usize {
  let at = start;
  let digits: u64 = 0;
  let values = load<u64>(at) ^ ZEROS;
  let few = digitCount(values);
  while (few === 8) {
    digits = digits * 100000000 + allDigits(values);
    at += 8;
    values = load<u64>(at) ^ ZEROS;
    few = digitCount(values);
  }
  digitsRead = digits * unchecked(SCALES[few]) + firstDigits(values, few);
  return at + few;
}

/** Of a token with more than 19 digits: its value from the first 19 significant ones if the rest can't matter, else NaN. */
function manyDigits(first: usize, end: usize, exponent: i32): f64 {
  let digits: u64 = 0;
  let count = 0;
  let dropped = 0;
  for (let at = first; at < end; at++) {
    const digit = <u32>load<u8>(at) - ZERO;
    if (digit > 9) continue;
    if (count < MAX_DIGITS) {
      digits = digits * 10 + digit;
      if (digits !== 0) count++;
    } else {
      dropped++;
    }
  }
  const value = decimalToDouble(digits, exponent + dropped);
  if (dropped === 0) return value;
  return value === decimalToDouble(digits + 1, exponent + dropped) ? value : NaN;
}

/** Whether twenty digits, whose value modulo 2⁶⁴ is given, stay below 2⁶⁴: a first digit of 1 and no wrap. */
function fitsTwentyDigits(first: usize, value: u64): bool {
  return load<u8>(first) === ZERO + 1 && value >= 10000000000000000000;
}

function readWord<T>(at: usize, negative: bool, out: usize): usize {
  const three = load<u32>(at) & 0xffffff;
  // NaN, Inf and the rest of Infinity.
  if (three === 0x4e614e) {
    store<T>(out, <T>NaN);
    return at + 3;
  }
  if (three !== 0x666e49) return 0;
  store<T>(out, <T>(negative ? -Infinity : Infinity));
  return load<u32>(at, 3) === 0x74696e69 && load<u8>(at, 7) === 0x79 ? at + 8 : at + 3;
}
