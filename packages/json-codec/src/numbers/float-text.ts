/**
 * Decimal text of floats, from exact digits: for values that 128 bits cannot round, and for all values without the
 * loops.
 */

/**
 * C's `%.6g` where it stands for the same value, else `%.9g` (`precision` 9, for a float32 value) or `%.17g` (17, for a
 * float64 value); `.0` is appended to what would look like an integer; `NaN`, `Infinity`, `-Infinity`.
 */
export function floatText(value: number, precision: 9 | 17): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = Math.abs(value);
  const six = roundedDigits(magnitude, 6);
  const back = precision === 9 ? Math.fround(Number(six)) : Number(six);
  const text = back === magnitude ? formatG(six, 6) : formatG(roundedDigits(magnitude, precision), precision);
  return value < 0 ? `-${text}` : text;
}

/** `d.ddd…e±x` with `precision` digits, rounded from the exact value, ties to the even digit. */
function roundedDigits(value: number, precision: number): string {
  const text = value.toExponential(precision - 1);
  const exact = value.toExponential(60);
  // JavaScript rounds a tie up; C to the even digit.
  if (!/^50*e/.test(exact.slice(precision + 1)) || (exact.charCodeAt(precision) & 1) === 1) return text;
  return exact.slice(0, precision + 1) + exact.slice(exact.indexOf('e'));
}

/** Lays out `d.ddd…e±x` of `precision` digits as `%g` does. */
function formatG(text: string, precision: number): string {
  const exponent = Number(text.slice(precision + 2));
  const digits = (text[0]! + text.slice(2, precision + 1)).replace(/0+$/, '');
  if (exponent < -4 || exponent >= precision) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    const sign = exponent < 0 ? '-' : '+';
    return `${digits[0]}${fraction}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}
