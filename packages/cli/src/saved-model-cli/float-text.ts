/** How NumPy prints the floating-point numbers of an array: all in one style, with their points under each other. */
import { roundedHalfEven, shortestDigits } from './shortest-digits.js';

/** NumPy's types of floating-point numbers. */
export type FloatType = 'half' | 'float' | 'double';

/** Digits after the point, at most. */
const PRECISION = 8;
/** From this magnitude on numbers have an exponent. */
const largest: Readonly<Record<FloatType, number>> = { half: 1e3, float: 1e6, double: 1e8 };

/** The format for these numbers. With `plus` positive ones have a sign, as imaginary parts do. */
export function floatFormat(values: readonly number[], type: FloatType, plus = false): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const isExponential = needsExponent(finite, type);
  const signed = (value: number, text: string): string => (plus && !isNegative(value) ? `+${text}` : text);
  const texts = finite.map((value) => {
    const text = isExponential ? exponential(value, type) : positional(value, type);
    const [mantissa = '', exponent = ''] = text.split('e');
    const [integer = '', fraction = ''] = mantissa.split('.');
    return { integer: signed(value, integer).length, fraction: fraction.length, exponent: exponent.length };
  });
  const longest = (part: 'integer' | 'fraction' | 'exponent') => Math.max(0, ...texts.map((text) => text[part]));
  const precision = longest('fraction');
  const right = isExponential ? longest('exponent') + 1 + precision : precision;
  let left = longest('integer');
  if (finite.length < values.length) {
    const hasSignedInfinity = plus || values.includes(Number.NEGATIVE_INFINITY);
    left = Math.max(left, 3 - (right + 1), 3 + (hasSignedInfinity ? 1 : 0) - (right + 1));
  }
  return (value) => {
    if (!Number.isFinite(value)) {
      const text = Number.isNaN(value) ? `${plus ? '+' : ''}nan` : `${value < 0 ? '-' : plus ? '+' : ''}inf`;
      return text.padStart(left + right + 1);
    }
    if (!isExponential) {
      const [integer = '', fraction = ''] = positional(value, type).split('.');
      return `${signed(value, integer).padStart(left)}.${fraction.padEnd(right)}`;
    }
    // All have as many digits as the one that needs most; those beyond the shortest form are the exact value's.
    const [mantissa = '', power = ''] = roundedHalfEven(Math.abs(value), precision).split('e');
    const [integer = '', fraction = ''] = mantissa.split('.');
    const digits = power.slice(1).padStart(longest('exponent') - 1, '0');
    const sign = isNegative(value) ? '-' : '';
    return `${signed(value, sign + integer).padStart(left)}.${fraction}e${power[0]}${digits}`;
  };
}

function needsExponent(finite: readonly number[], type: FloatType): boolean {
  const magnitudes = finite.filter((value) => value !== 0).map(Math.abs);
  if (magnitudes.length === 0) return false;
  const max = magnitudes.reduce((a, b) => Math.max(a, b));
  const min = magnitudes.reduce((a, b) => Math.min(a, b));
  return max >= largest[type] || min < 0.0001 || max / min > 1000;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

/** Such as `1.`, `0.1` and `-12.34567891`. */
function positional(value: number, type: FloatType): string {
  const sign = isNegative(value) ? '-' : '';
  const { digits, exponent } = shortestDigits(Math.abs(value), type);
  const point = exponent + 1;
  let text = point > 0 ? digits.padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  if (fraction.length <= PRECISION)
    return `${sign}${text.slice(0, Math.max(point, 1))}.${fraction === '0' ? '' : fraction}`;
  text = rounded(Math.abs(value), fraction);
  return sign + text.replace(/0+$/, '');
}

/** To {@link PRECISION} digits after the point; a number exactly between two gets the even digit. */
function rounded(value: number, fraction: string): string {
  const text = value.toFixed(PRECISION);
  const isTie =
    fraction.length === PRECISION + 1 && fraction.endsWith('5') && Number.isInteger(value * 2 ** (PRECISION + 1));
  return isTie && Number(fraction[PRECISION - 1]) % 2 === 0
    ? `${Math.floor(value)}.${fraction.slice(0, PRECISION)}`
    : text;
}

/** Such as `1.e+00` and `1.25e-07`. */
function exponential(value: number, type: FloatType): string {
  const sign = isNegative(value) ? '-' : '';
  const { digits, exponent } = shortestDigits(Math.abs(value), type);
  let mantissa = `${digits[0]}.${digits.slice(1)}`;
  let power = exponent;
  if (digits.length > PRECISION + 1) {
    const [cut = '', cutPower = ''] = roundedHalfEven(Math.abs(value), PRECISION).split('e');
    mantissa = cut.replace(/0+$/, '');
    power = Number(cutPower);
  }
  return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
