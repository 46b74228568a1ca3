/** One element of a list from text: each function stores the value and returns where its text ends, 0 to give up. */
import { decimalToDouble, decimalToFloat } from './decimal-to-double';
import { allDigits, digitCount, firstDigits, SCALES, ZEROS } from './eight-digits';
import { parseExactly } from './host';

const MINUS: u32 = 0x2d;
const PLUS: u32 = 0x2b;
const POINT: u32 = 0x2e;
const ZERO: u32 = 0x30;
const LETTER_E: u32 = 0x45;
const _LETTER_I: u32 = 0x49;
const _LETTER_N: u32 = 0x4e;

/** Longer tokens are left to the exact reader, which knows when a number is too big. No window cuts shorter ones. */
const MAX_TOKEN: usize = 300;
/** More digits may not fit into 64 bits. */
const MAX_DIGITS: i32 = 19;
/** An exponent above may be an error. */
const MAX_EXPONENT: i32 = 308;

/** A number of any form into a float32 or float64. The double is rounded correctly; a float32 is that double, rounded. */
export function readFloat<T>(start: usize, out: usize): usize {
  let at = start;
  const negative = load<u8>(at) === MINUS;
  if (negative) at++;
  const first = at;
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
  if (digit === LETTER_E - ZERO || digit === (LETTER_E | 0x20) - ZERO) {
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
  if (at - start > MAX_TOKEN) return 0;
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
export function readInteger<T>(start: usize, out: usize): usize {
  let at = start;
  const negative = load<u8>(at) === MINUS;
  if (negative) at++;
  const first = at;
  const digit = <u32>load<u8>(at) - ZERO;
  if (digit > 9) return 0;
  at = readDigits(first);
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
