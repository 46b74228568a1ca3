/** Numbers as C's `printf` writes them. */

/** Conversions of `printf`. */
export type NumberConversion = 'f' | 'e' | 'g';

/** A number with `precision` digits after the point; `g` counts all digits and leaves trailing zeros out. */
export function formatNumber(value: number, conversion: NumberConversion, precision = 6): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}inf`;
  if (conversion === 'f') return sign + fixed(magnitude, precision);
  if (conversion === 'e') return sign + scientific(magnitude, precision);
  return sign + general(magnitude, precision === 0 ? 1 : precision);
}

/** Digits of `toFixed` and `toExponential` are limited to this; more are zeros beyond every double's range of interest. */
const MAX_DIGITS = 100;

function fixed(value: number, precision: number): string {
  if (value >= 1e21) {
    const whole = BigInt(value).toString();
    return precision > 0 ? `${whole}.${'0'.repeat(precision)}` : whole;
  }
  const digits = Math.min(precision, MAX_DIGITS);
  return (
    evenTie(value.toFixed(digits), value.toFixed(Math.min(digits + 30, MAX_DIGITS))) + '0'.repeat(precision - digits)
  );
}

/** C rounds a number in the middle to the even digit, JavaScript away from zero. */
function evenTie(rounded: string, exact: string): string {
  const digits = rounded.includes('.') ? rounded.length : rounded.length + 1;
  const rest = exact.slice(
    digits + (rounded.length > exact.indexOf('.') && exact.indexOf('.') !== rounded.indexOf('.') ? -1 : 0),
  );
  const isTie = /^5(0*)$/.test(rest) && Number(rounded.at(-1)) % 2 === 1;
  if (!isTie || Number(rounded) < Number(exact)) return rounded;
  return rounded.slice(0, -1) + String(Number(rounded.at(-1)) - 1);
}

function scientific(value: number, precision: number): string {
  const digits = Math.min(precision, MAX_DIGITS);
  const [rounded, exponent] = value.toExponential(digits).split('e') as [string, string];
  const [exact] = value.toExponential(Math.min(digits + 30, MAX_DIGITS)).split('e') as [string];
  const power = Number(exponent);
  return `${evenTie(rounded, exact)}${'0'.repeat(precision - digits)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function general(value: number, precision: number): string {
  const [, exponent = '0'] = scientific(value, precision - 1).split('e');
  const power = Number(exponent);
  const withoutZeros = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (power >= -4 && power < precision) return withoutZeros(fixed(value, precision - 1 - power));
  const [mantissa, written] = scientific(value, precision - 1).split('e') as [string, string];
  return `${withoutZeros(mantissa)}e${written}`;
}
