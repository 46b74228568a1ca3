/**
 * Decimal text of floats: C's `%.6g` where it reads back as the same value, else `%.9g` (float32) or `%.17g` (float64);
 * `.0` behind what would look like an integer.
 */
import { binaryExponentOfPower, decimalExponentOfTwo } from './binary-exponent';
import { writeDecimal } from './decimal-layout';
import { decimalToDouble } from './decimal-to-double';
import { writeUnsigned } from './digit-writer';
import { writeExactly } from './host';
import { LOWEST_POWER, LOWEST_START, POWERS_OF_TEN, STARTS_OF_DECADES } from './powers-of-ten';
import { upperProduct } from './wide-product';

const HALF: u64 = 0x8000000000000000;

/** Writes a float32 value; where its text ends. */
export function writeFloat32(value: f32, out: usize): usize {
  const bits = reinterpret<u32>(value);
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return writeWord(magnitude > 0x7f800000, bits >> 31 !== 0, out);
  let at = out;
  if (bits >> 31) store<u8>(at++, 0x2d);
  const positive = reinterpret<f32>(magnitude);
  if (positive < 1e6 && trunc(positive) === positive) return writeWhole(<u32>positive, at);
  const subnormal = magnitude < 0x00800000;
  const significand = subnormal ? magnitude : (magnitude & 0x007fffff) | 0x00800000;
  const exponent = subnormal ? -149 : <i32>(magnitude >> 23) - 150;
  const shift = <i32>clz<u64>(significand);
  const first = decimalExponent(<f64>positive, 63 - shift + exponent);

  // The value times 10^power has nine digits before the point. The product is too large by less than 2³² parts of 2⁶⁴.
  const power = 8 - first;
  const exact = power >= 0 && power <= 27;
  const multiplier = load<u64>(POWERS_OF_TEN + ((<usize>(power - LOWEST_POWER)) << 4)) + <u64>!exact;
  const normal = (<u64>significand) << shift;
  const high = upperProduct(normal, multiplier);
  const low = normal * multiplier;
  const drop = -1 - exponent + shift - binaryExponentOfPower(power);
  const whole = high >> drop;
  const fraction = (high << (64 - drop)) | (low >> drop);
  const rest = low << (64 - drop) !== 0;

  const six = roundedQuotient(whole, fraction, rest, exact, 1000, (<u64>1) << 32);
  if (six === UNDECIDED) return writeExactly(<f64>positive, true, at);
  const distance = <i64>(six * 1000 - whole);
  if (subnormal || (distance > -64 && distance < 64)) {
    const back = decimalToDouble(six, first - 5);
    if (Number.isNaN(back)) return writeExactly(<f64>positive, true, at);
    if (<f32>back === positive) return writeDecimal(six * 100, 6, first, at);
  }
  const nine = roundedQuotient(whole, fraction, rest, exact, 1, (<u64>1) << 32);
  if (nine === UNDECIDED) return writeExactly(<f64>positive, true, at);
  return writeDecimal(nine, 9, first, at);
}

/** Writes a float64 value; where its text ends. */
export function writeFloat64(value: f64, out: usize): usize {
  const bits = reinterpret<u64>(value);
  const magnitude = bits & 0x7fffffffffffffff;
  if (magnitude >= 0x7ff0000000000000) return writeWord(magnitude > 0x7ff0000000000000, bits >> 63 !== 0, out);
  let at = out;
  if (bits >> 63) store<u8>(at++, 0x2d);
  const positive = reinterpret<f64>(magnitude);
  if (positive < 1e6 && trunc(positive) === positive) return writeWhole(<u32>positive, at);
  const subnormal = magnitude < 0x0010000000000000;
  const significand = subnormal ? magnitude : (magnitude & 0x000fffffffffffff) | 0x0010000000000000;
  const exponent = subnormal ? -1074 : <i32>(magnitude >> 52) - 1075;
  const shift = <i32>clz<u64>(significand);
  const first = decimalExponent(positive, 63 - shift + exponent);

  // The value times 10^power has 17 digits before the point. The product is off by less than 2 parts of 2⁶⁴.
  const power = 16 - first;
  const exact = power >= 0 && power <= 55;
  const entry = POWERS_OF_TEN + ((<usize>(power - LOWEST_POWER)) << 4);
  let upper = load<u64>(entry);
  const lower = load<u64>(entry, 8) + <u64>!exact;
  if (!exact && lower === 0) upper++;
  const normal = significand << shift;
  let high = upperProduct(normal, upper);
  const carry = upperProduct(normal, lower);
  const low = normal * upper + carry;
  if (low < carry) high++;
  const drop = -1 - exponent + shift - binaryExponentOfPower(power);
  const whole = high >> drop;
  const fraction = (high << (64 - drop)) | (low >> drop);
  const rest = low << (64 - drop) !== 0 || normal * lower !== 0;

  const six = roundedQuotient(whole, fraction, rest, exact, 100000000000, 4);
  if (six === UNDECIDED) return writeExactly(positive, false, at);
  const distance = <i64>(six * 100000000000 - whole);
  if (subnormal || (distance > -64 && distance < 64)) {
    const back = decimalToDouble(six, first - 5);
    if (Number.isNaN(back)) return writeExactly(positive, false, at);
    if (back === positive) return writeDecimal(six * 100, 6, first, at);
  }
  const seventeen = roundedQuotient(whole, fraction, rest, exact, 1, 4);
  if (seventeen === UNDECIDED) return writeExactly(positive, false, at);
  return writeDecimal(seventeen, 17, first, at);
}

const UNDECIDED: u64 = u64.MAX_VALUE;

/**
 * (whole + fraction) / unit, rounded to nearest, ties to even. `fraction` counts parts of 2⁶⁴; when it is exact, `rest`
 * tells whether there is still more, else it may be off by less than `error`.
 */
function roundedQuotient(whole: u64, fraction: u64, rest: bool, exact: bool, unit: u64, error: u64): u64 {
  let result = whole;
  let remainder: u64 = 0;
  if (unit > 1) {
    result = whole / unit;
    remainder = whole - result * unit;
    const half = unit >> 1;
    if (remainder + 1 < half || remainder > half) return result + <u64>(remainder > half);
    if (exact) {
      const above = fraction !== 0 || rest;
      return remainder === half && (above || result & 1) ? result + 1 : result;
    }
    if (remainder === half) return fraction >= error ? result + 1 : UNDECIDED;
    return fraction < 0 - error ? result : UNDECIDED;
  }
  if (exact) return fraction > HALF || (fraction === HALF && (rest || result & 1)) ? result + 1 : result;
  if (fraction - (HALF - error) < error << 1) return UNDECIDED;
  return fraction > HALF ? result + 1 : result;
}

/** The exponent of the first digit of a value from 2^b to below 2^(b+1). */
function decimalExponent(value: f64, b: i32): i32 {
  const estimate = decimalExponentOfTwo(b);
  const next = load<f64>(STARTS_OF_DECADES + ((<usize>(estimate + 1 - LOWEST_START)) << 3));
  return estimate + <i32>(value >= next);
}

function writeWhole(value: u32, out: usize): usize {
  const at = writeUnsigned(value, out);
  store<u16>(at, 0x302e);
  return at + 2;
}

/** NaN, Infinity or -Infinity. */
function writeWord(noNumber: bool, negative: bool, out: usize): usize {
  if (noNumber) {
    store<u32>(out, 0x4e614e);
    return out + 3;
  }
  let at = out;
  if (negative) store<u8>(at++, 0x2d);
  store<u64>(at, 0x7974696e69666e49);
  return at + 8;
}
