/** One element of a list from text: each function stores the value and returns where its text ends, 0 to give up. */
import {
  decimalToDouble,
  decimalToFloat,
  ENOUGH_DIGITS,
  EXACT_POWERS,
  isFarFromMiddle,
  NEGATIVE_POWERS,
} from './decimal-to-double';
import {
  allDigits,
  digitCount,
  digitsAroundPoint,
  digitsOf,
  firstDigits,
  notDigits,
  SCALES,
  scaledDown,
  wholeNumber,
  ZEROS,
} from './digits';
import { parseExactly } from './host';

const MINUS: u32 = 0x2d;
const PLUS: u32 = 0x2b;
const POINT: u32 = 0x2e;
const ZERO: u32 = 0x30;
/** In lower case. */
const LETTER_E: u32 = 0x65;

/** In a mask of what is no digit: a digit, something else, a digit. */
const DIGIT_POINT_DIGIT: i32 = 2;

/** Longer tokens are left to the exact reader, which knows when a number is too big. No window cuts shorter ones. */
const MAX_TOKEN: usize = 300;
/** More digits may not fit into 64 bits. */
const MAX_DIGITS: i32 = 19;
/** An exponent above may be an error. */
const MAX_EXPONENT: i32 = 308;

/**
 * A number of any form into a float32 or float64, rounded correctly. Most have one digit before the point; this is for
 * them, as far as they end within sixteen bytes, and short enough to stand in its caller's loop.
 */
/* @inline */ export function readFloat<T>(start: usize, out: usize): usize {
  const negative = <i32>(load<u8>(start) === MINUS);
  const first = start + <usize>negative;
  const others = notDigits(start) >>> negative;
  if ((others & 7) === DIGIT_POINT_DIGIT) {
    if (load<u8>(first, 1) === POINT) {
      const behind = others >>> 2;
      if (behind === 0) return readLongFraction<T>(start, negative, out);
      const few = ctz(behind);
      const end = first + 2 + <usize>few;
      if ((load<u8>(end) | 0x20) !== LETTER_E) {
        const digits = digitsAroundPoint(first, few);
        if (sizeof<T>() === 4) {
          // Ready sooner than a quotient, and as good in nearly all cases.
          const product = scaledDown(digits, few);
          if (isFarFromMiddle(product)) {
            storeSigned<T>(product, negative, out);
            return end;
          }
        }
        // A double holds both exactly, so one division rounds correctly.
        const whole = <f64>(<i64>wholeNumber(digits));
        storeSigned<T>(whole / unchecked(EXACT_POWERS[few]), negative, out);
        return end;
      }
    }
  }
  return readOtherFloat<T>(first, negative, out);
}

/** The same with more digits behind the point: doubles and their like as most languages print them. */
/* @inline */ function readLongFraction<T>(start: usize, negative: i32, out: usize): usize {
  const first = start + <usize>negative;
  const fraction = first + 2;
  const all = ctz((notDigits(start + 16) << 16) >>> (2 + negative));
  const few = min(all, 16);
  const more = all - few;
  const end = fraction + <usize>all;
  if (more < 8) {
    if ((load<u8>(end) | 0x20) !== LETTER_E) {
      const digits = <u64>(<u32>load<u8>(first) - ZERO) * unchecked(SCALES[few]) + digitsOf(fraction, few);
      if (sizeof<T>() === 4) {
        const value = <f64>(<i64>digits) * unchecked(NEGATIVE_POWERS[few]);
        if (isFarFromMiddle(value)) {
          if (more === 0 || digits >= ENOUGH_DIGITS) {
            storeSigned<T>(value, negative, out);
            return end;
          }
        }
      } else if (more <= 2) {
        // Nineteen digits at most fit into 64 bits.
        const rest = firstDigits(load<u64>(fraction, 16) ^ ZEROS, more);
        storeSigned<T>(decimalToDouble(digits * unchecked(SCALES[more]) + rest, -all), negative, out);
        return end;
      }
    }
  }
  return readAnyFloat<T>(first, negative, out);
}

/* @inline */ function storeSigned<T>(value: f64, negative: i32, out: usize): void {
  if (sizeof<T>() === 4) store<u32>(out, reinterpret<u32>(<f32>value) | (negative << 31));
  else store<u64>(out, reinterpret<u64>(value) | ((<u64>negative) << 63));
}

/** Up to seven digits before the point, and up to seven behind it or none and no point; or anything else. */
function readOtherFloat<T>(first: usize, negative: i32, out: usize): usize {
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
  // Of up to 14 digits: no quotient of them lies so near to the middle of two float32 that rounding twice would matter.
  const all = digits * unchecked(SCALES[few]) + firstDigits(values, few);
  storeSigned<T>(<f64>(<i64>all) / unchecked(EXACT_POWERS[few]), negative, out);
  return end;
}

/** A number of any form from its first digit on. The double is rounded correctly; a float32 is that double, rounded. */
function readAnyFloat<T>(first: usize, negative: i32, out: usize): usize {
  let at = first;
  let digit = <u32>load<u8>(at) - ZERO;
  if (digit > 9) return readWord<T>(at, negative !== 0, out);
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
