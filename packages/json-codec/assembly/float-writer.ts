/**
 * Decimal text of floats: C's `%.6g` where it reads back as the same value, else `%.9g` (float32) or `%.17g` (float64);
 * `.0` behind what would look like an integer.
 */
import { binaryExponentOfPower, decimalExponentOfTwo } from './binary-exponent';
import { writeDecimal } from './decimal-layout';
import { decimalToDouble, EXACT_POWERS, LAST_EXACT_POWER } from './decimal-to-double';
import { eightDigitText, writeUnsigned } from './digit-writer';
import { ZEROS } from './digits';
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

  // The value times 10^power has nine digits before the point. A double is right to 2⁻²³ as long as it holds the power.
  const power = 8 - first;
  if (power >= 0 && power <= LAST_EXACT_POWER) {
    const scaled = <f64>positive * unchecked(EXACT_POWERS[power]);
    const whole = <u32>scaled;
    const fraction = scaled - <f64>whole;
    if (abs(fraction - 0.5) > 1e-6) {
      const quotient = whole / 1000;
      const remainder = whole - quotient * 1000;
      if (remainder < 64 || remainder > 936) {
        const six = quotient + <u32>(remainder > 500);
        if (<f32>decimalToDouble(six, first - 5) === positive) return writeSix(six, first, at);
      }
      return writeNine(whole + <u32>(fraction > 0.5), first, at);
    }
  }

  // Otherwise 64 bits of the power; the product is too large by less than 2³² parts of 2⁶⁴.
  const exact = power >= 0 && power <= 27;
  const multiplier = load<u64>(POWERS_OF_TEN + ((<usize>(power - LOWEST_POWER)) << 4)) + <u64>!exact;
  const normal = (<u64>significand) << shift;
  const high = upperProduct(normal, multiplier);
  const low = normal * multiplier;
  const drop = -1 - exponent + shift - binaryExponentOfPower(power);
  const whole = high >> drop;
  const fraction = (high << (64 - drop)) | (low >> drop);
  const rest = low << (64 - drop) !== 0;

  const quotient = <u32>whole / 1000;
  const remainder = <u32>whole - quotient * 1000;
  // Six digits within half a unit in the last place of the value are within 60 parts of 10⁹ of it, if it is normal.
  if (remainder < 64 || remainder > 936 || subnormal) {
    const six = <u32>roundedQuotient(quotient, remainder, 500, fraction, rest, exact, INACCURACY_32);
    const back = decimalToDouble(six, first - 5);
    if (six === <u32>UNDECIDED || Number.isNaN(back)) return writeExactly(<f64>positive, true, at);
    if (<f32>back === positive) return writeSix(six, first, at);
  }
  const nine = <u32>rounded(whole, fraction, rest, exact, INACCURACY_32);
  if (nine === <u32>UNDECIDED) return writeExactly(<f64>positive, true, at);
  return writeNine(nine, first, at);
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

  const quotient = hundredBillions(whole);
  const remainder = whole - quotient * 100000000000;
  // Six digits within half a unit in the last place of the value are within 12 parts of 10¹⁷ of it, if it is normal.
  if (remainder < 64 || remainder > 99999999936 || subnormal) {
    const six = <u32>roundedQuotient(quotient, remainder, 50000000000, fraction, rest, exact, INACCURACY_64);
    const back = decimalToDouble(six, first - 5);
    if (six === <u32>UNDECIDED || Number.isNaN(back)) return writeExactly(positive, false, at);
    if (back === positive) return writeSix(six, first, at);
  }
  const seventeen = rounded(whole, fraction, rest, exact, INACCURACY_64);
  if (seventeen === UNDECIDED) return writeExactly(positive, false, at);
  const nine = hundredMillions(seventeen);
  const head = nine / 100000000;
  const last = eightDigitText(<u32>(seventeen - <u64>nine * 100000000));
  return writeDecimal(head, eightDigitText(nine - head * 100000000), last, 17, first, at);
}

function writeSix(digits: u32, exponent: i32, out: usize): usize {
  const head = digits / 100000;
  return writeDecimal(head, eightDigitText((digits - head * 100000) * 1000), ZEROS, 6, exponent, out);
}

function writeNine(digits: u32, exponent: i32, out: usize): usize {
  const head = digits / 100000000;
  return writeDecimal(head, eightDigitText(digits - head * 100000000), ZEROS, 9, exponent, out);
}

const UNDECIDED: u64 = u64.MAX_VALUE;

/** By how many parts of 2⁶⁴ a fraction may be off that comes from an inexact power. */
const INACCURACY_32: u64 = 0x100000000;
const INACCURACY_64: u64 = 4;

/** ⌊value / 10¹¹⌋ of a value below 2⁵⁷: by a product, as a quotient of whole numbers takes three times as long. */
function hundredBillions(value: u64): u64 {
  const estimate = <u64>(<f64>value * 1e-11);
  const rest = <i64>(value - estimate * 100000000000);
  return estimate - <u64>(rest < 0) + <u64>(rest >= 100000000000);
}

/** ⌊value / 10⁸⌋ of a value up to 10¹⁷. */
function hundredMillions(value: u64): u32 {
  const estimate = <u64>(<f64>value * 1e-8);
  const rest = <i64>(value - estimate * 100000000);
  return <u32>(estimate - <u64>(rest < 0) + <u64>(rest >= 100000000));
}

/**
 * quotient + (remainder + fraction) / (2 × half), rounded to nearest, ties to even. `fraction` counts parts of 2⁶⁴; when
 * it is exact, `rest` tells whether there is still more, else it may be off by less than `inaccuracy`.
 */
function roundedQuotient(
  quotient: u64,
  remainder: u64,
  half: u64,
  fraction: u64,
  rest: bool,
  exact: bool,
  inaccuracy: u64,
): u64 {
  if (remainder + 1 < half || remainder > half) return quotient + <u64>(remainder > half);
  if (exact) return remainder === half && (fraction !== 0 || rest || quotient & 1) ? quotient + 1 : quotient;
  if (remainder === half) return fraction >= inaccuracy ? quotient + 1 : UNDECIDED;
  return fraction < 0 - inaccuracy ? quotient : UNDECIDED;
}

/** whole + fraction, in the same way. */
function rounded(whole: u64, fraction: u64, rest: bool, exact: bool, inaccuracy: u64): u64 {
  if (exact) return whole + <u64>(fraction > HALF || (fraction === HALF && (rest || whole & 1)));
  if (fraction - (HALF - inaccuracy) < inaccuracy << 1) return UNDECIDED;
  return whole + <u64>(fraction > HALF);
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
