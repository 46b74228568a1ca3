/** A decimal number to the nearest double. */

import { binaryExponentOfPower } from './binary-exponent';
import { LOWEST_POWER, POWERS_OF_TEN } from './powers-of-ten';
import { upperProduct } from './wide-product';

/** Powers of ten that a double holds exactly, up to 10²². */
export const EXACT_POWERS: StaticArray<f64> = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
];

export const LAST_EXACT_POWER: i32 = 22;

/** The nearest doubles to powers of ten, by their exponents' amounts. */
export const NEGATIVE_POWERS: StaticArray<f64> = [
  1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15, 1e-16,
];

/**
 * Up to this, one operation with an exact power is enough and exact. It would be up to 2⁵³; but numbers of 15 to 17 digits
 * come mixed, and one way for all of them is faster than two.
 */
const FEW_DIGITS: u64 = 1000000000;

/** 10^q is a 128-bit integer, so the table has it exactly. */
const LAST_EXACT_IN_TABLE: i32 = 55;

/**
 * digits × 10^q, rounded to nearest, ties to even. NaN when the table's 128 bits don't tell: practically never, as all
 * ties are told.
 */
export function decimalToDouble(digits: u64, q: i32): f64 {
  if (digits <= FEW_DIGITS && q >= -22 && q <= 22) {
    const value = <f64>digits;
    return q < 0 ? value / unchecked(EXACT_POWERS[-q]) : value * unchecked(EXACT_POWERS[q]);
  }
  if (digits === 0 || q < LOWEST_POWER) return 0;
  if (q > 308) return Infinity;
  return scaled(digits, q);
}

/**
 * As {@link decimalToDouble} for a number that will be rounded to float32: it may be off by a few units of a double's last
 * place, where those don't matter to the float32.
 */
export function decimalToFloat(digits: u64, q: i32): f64 {
  if (q >= -22 && q <= 22 && <i64>digits >= 0) {
    // Rounded twice, so off by less than three units.
    const whole = <f64>(<i64>digits);
    const value = q < 0 ? whole / unchecked(EXACT_POWERS[-q]) : whole * unchecked(EXACT_POWERS[q]);
    const beyondFloat = reinterpret<u64>(value) & 0x1fffffff;
    if (beyondFloat - 0x0ffffffc > 8 && value > SMALLEST_NORMAL_FLOAT && value < 3e38) return value;
  }
  return decimalToDouble(digits, q);
}

/**
 * Whether a double rounds to the same float32 with up to 132 units of its last place more or less: 128 for digits behind
 * the sixteenth of at least {@link ENOUGH_DIGITS}, the others for rounding. (Not asked of what a float32 holds as a subnormal.)
 */
export function isFarFromMiddle(value: f64): bool {
  return (reinterpret<u64>(value) & 0x1fffffff) - (0x10000000 - 132) > 264;
}

/** 2⁴⁶: one more in the last place is 2⁻⁴⁶ of the number at the most. */
export const ENOUGH_DIGITS: u64 = 0x400000000000;

const SMALLEST_NORMAL_FLOAT: f64 = 1.1754943508222875e-38;

function scaled(digits: u64, q: i32): f64 {
  const shift = <i32>clz(digits);
  const normal = digits << shift;
  const entry = POWERS_OF_TEN + ((<usize>(q - LOWEST_POWER)) << 4);
  const power = load<u64>(entry);
  // The product's upper 128 bits, short of the truth by less than one unit of `high`.
  let high = upperProduct(normal, power);
  let low = normal * power;
  let drop = 9 + <i32>(high >> 63);
  let mask = ((<u64>1) << drop) - 1;
  let above = true;
  if ((high & mask) === 0 || (high & mask) === mask) {
    // Too near to a turning point: with the power's lower half, short by less than two units of `low`.
    const lowerPower = load<u64>(entry, 8);
    const carry = upperProduct(normal, lowerPower);
    low += carry;
    if (low < carry) high++;
    drop = 9 + <i32>(high >> 63);
    mask = ((<u64>1) << drop) - 1;
    const exact = q >= 0 && q <= LAST_EXACT_IN_TABLE;
    if (!exact && (high & mask) === mask && low >= <u64>-2) return quotient(digits, q);
    above = !exact || (high & mask) !== 0 || low !== 0 || normal * lowerPower !== 0;
  }
  let exponent = binaryExponentOfPower(q) + 2 - shift + drop + 1075;
  if (exponent <= 0) {
    // Subnormal: fewer bits are kept.
    const less = 1 - exponent;
    if (drop + less > 63) return high >= <u64>-2 ? NaN : 0;
    if (high & (((<u64>1) << (drop + less)) - 1)) above = true;
    if ((~high & (((<u64>1) << (drop + less)) - 1)) === 0) return NaN;
    drop += less;
    exponent = 0;
  }
  const bits = high >> drop;
  let significand = bits >> 1;
  // Without a branch, which would go either way.
  significand += bits & (<u64>above | significand) & 1;
  // A hidden bit, or a carry into it, adds one to the exponent.
  if (exponent > 0) exponent--;
  const result = ((<u64>exponent) << 52) + significand;
  return reinterpret<f64>(min<u64>(result, 0x7ff0000000000000));
}

/** For q < 0: an exact quotient by 5^−q, as values halfway between doubles and doubles themselves are; else NaN. */
function quotient(digits: u64, q: i32): f64 {
  if (q > 0 || q < -27) return NaN;
  let five: u64 = 1;
  for (let i = q; i < 0; i++) five *= 5;
  if (digits % five !== 0) return NaN;
  return <f64>(digits / five) / <f64>((<u64>1) << -q);
}
