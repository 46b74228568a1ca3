/** The fewest decimal digits that distinguish a floating-point number from its neighbours. */
import { fromHalf, toHalf } from '@serving/core/tensor';

const roundTo: Readonly<Record<'half' | 'float' | 'double', (value: number) => number>> = {
  half: (value) => fromHalf(toHalf(value)),
  float: Math.fround,
  double: (value) => value,
};
/** As many digits as any number of the type needs. */
const mostDigits = { half: 5, float: 9, double: 17 } as const;

/** `value` is digits[0].digits[1…] × 10^exponent, without zeros at the end. For finite numbers from 0. */
export function shortestDigits(
  value: number,
  type: 'half' | 'float' | 'double',
): { readonly digits: string; readonly exponent: number } {
  if (type === 'double') return split(value.toExponential());
  for (let count = 1; count < mostDigits[type]; count++) {
    const text = roundedHalfEven(value, count - 1);
    if (roundTo[type](Number(text)) === value) return split(text);
  }
  return split(value.toExponential(mostDigits[type] - 1));
}

/** `toExponential`, but of two nearest numbers the one with the even digit, not the larger. */
export function roundedHalfEven(value: number, fractionDigits: number): string {
  const [rest = '', power] = value.toExponential(MOST_FRACTION_DIGITS).split('e');
  const digits = rest.replace('.', '');
  const isTie = /^50*$/.test(digits.slice(fractionDigits + 1));
  if (!isTie || Number(digits[fractionDigits]) % 2 === 1) return value.toExponential(fractionDigits);
  return `${digits[0]}.${digits.slice(1, fractionDigits + 1)}e${power}`;
}

/** More than any tie has. */
const MOST_FRACTION_DIGITS = 60;

function split(text: string): { digits: string; exponent: number } {
  const [mantissa = '', exponent = '0'] = text.split('e');
  return { digits: mantissa.replace('.', '').replace(/0+$/, '') || '0', exponent: Number(exponent) };
}
