/** Products with powers of ten, to a single rounding where that is possible and to twice a double's precision elsewhere. */

/** The powers of ten from 10⁰ to 10²² that a double holds exactly, so that a product or quotient with one is rounded once. */
export const EXACT_POWERS: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** {@link scaleByPowerOfTen} takes exponents from −40 to 40. */
export const MAX_SCALE = 40;

/** A number as the sum of two doubles, the second at most half a unit in the last place of the first. */
export interface DoubleDouble {
  readonly high: number;
  readonly low: number;
}

/** The relative error of {@link scaleByPowerOfTen} is below this. */
export const SCALE_ERROR: number = 2 ** -98;

/** (high + low) × 10^exponent. `low` must be small beside `high`, the result far from a double's limits. */
export function scaleByPowerOfTen(high: number, low: number, exponent: number): DoubleDouble {
  const power = POWERS_HIGH[exponent + MAX_SCALE]!;
  const product = high * power;
  const rest = productError(high, power, product) + (high * POWERS_LOW[exponent + MAX_SCALE]! + low * power);
  const sum = product + rest;
  return { high: sum, low: rest - (sum - product) };
}

/** What rounding took from the product of two doubles (Dekker's way, without a fused multiply-add). */
export function productError(a: number, b: number, product: number): number {
  const bigA = SPLITTER * a;
  const highA = bigA - (bigA - a);
  const lowA = a - highA;
  const bigB = SPLITTER * b;
  const highB = bigB - (bigB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}

const SPLITTER = 2 ** 27 + 1;

const POWERS_HIGH: Float64Array = new Float64Array(2 * MAX_SCALE + 1);
const POWERS_LOW: Float64Array = new Float64Array(2 * MAX_SCALE + 1);

for (let exponent = -MAX_SCALE; exponent <= MAX_SCALE; exponent++) {
  const high = Number(`1e${exponent}`);
  POWERS_HIGH[exponent + MAX_SCALE] = high;
  POWERS_LOW[exponent + MAX_SCALE] = lowPart(high, exponent);
}

/** 10^exponent − high. */
function lowPart(high: number, exponent: number): number {
  if (exponent >= 0) return Number(10n ** BigInt(exponent) - BigInt(high));
  const power = 10n ** BigInt(-exponent);
  // 2¹⁹⁰ makes an integer of every double from 10⁻⁴⁰ on; 2⁸⁰ more keeps the digits of the quotient.
  const difference = 2n ** 190n - BigInt(high * 2 ** 190) * power;
  return Number((difference << 80n) / power) / 2 ** 270;
}
