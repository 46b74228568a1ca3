/** Decimal text to floats and back in exact arithmetic, and random numbers of all kinds to hold the loops to it. */

/** How many numbers of each kind tests take: `NUMBER_CASES`, or few. Each batch has its own seed. */
export const NUMBER_CASES: number = Number(process.env.NUMBER_CASES ?? 40_000);
export const BATCH = 4_000;

/** Numbers from 0 to 2³² − 1. */
export type Random = () => number;

/** A generator of the same numbers for the same seed. */
export function randomOf(seed: number): Random {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** The double nearest to a decimal number without a sign, ties to even. */
export function exactDouble(text: string): number {
  const [, whole = '', fraction = '', power = '0'] = /^(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)!;
  const exponent = Number(power) - fraction.length;
  const digits = BigInt(whole + fraction);
  const scale = 10n ** BigInt(Math.abs(exponent));
  return exponent >= 0 ? nearest(digits * scale, 1n) : nearest(digits, scale);
}

/** What the decimal rule makes of a value; `precision` 9 for float32, 17 for float64. */
export function exactFloatText(value: number, precision: 9 | 17): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === 0) return `${sign}0.0`;
  if (magnitude === Number.POSITIVE_INFINITY) return `${sign}Infinity`;
  const six = formatG(magnitude, 6);
  const back = precision === 9 ? Math.fround(exactDouble(six)) : exactDouble(six);
  const text = back === magnitude ? six : formatG(magnitude, precision);
  return sign + (/[.e]/.test(text) ? text : `${text}.0`);
}

/** A decimal number without a sign, at most 300 characters and well below 10³⁰⁸, in any of the forms that JSON has. */
export function randomDecimal(random: Random): string {
  switch (random() % 8) {
    case 0:
      return String(randomDouble(random));
    case 1:
      return randomDouble(random).toPrecision(1 + (random() % 25));
    case 2:
      return `${integer(random, 1 + (random() % 8))}.${digits(random, 1 + (random() % 8))}`;
    case 3:
      return `${integer(random, 1 + (random() % 40))}.${digits(random, 1 + (random() % 40))}`;
    case 4:
      return integer(random, 1 + (random() % 25));
    case 5:
      return `${integer(random, 1 + (random() % 22))}.${digits(random, 1 + (random() % 22))}${exponent(random)}`;
    case 6:
      return nearMidpoint(random, 53);
    default:
      return nearMidpoint(random, 24);
  }
}

/** A positive finite double: of any bits, of few digits, of few bits, or near a power of ten. */
export function randomDouble(random: Random): number {
  for (;;) {
    const value = candidate(random);
    if (value > 0 && value < 1e300) return value;
  }
}

const words = new Uint32Array(2);
const double = new Float64Array(words.buffer);
const single = new Float32Array(words.buffer);

function candidate(random: Random): number {
  words[0] = random();
  words[1] = random() & 0x7fffffff;
  switch (random() % 7) {
    case 0:
      return double[0]!;
    case 1:
      return single[1]!;
    case 2:
      return Number(`${random() % 2_000_000}e${(random() % 28) - 14}`);
    case 3:
      return (random() % 2 ** 26) * 2 ** ((random() % 80) - 40);
    case 4:
      return Number(`1e${(random() % 340) - 45}`) * (1 + ((random() % 5) - 2) * 2 ** -(random() % 2 === 0 ? 24 : 52));
    case 5:
      return (words[1]! * 2 ** 21 + (words[0]! >>> 11)) / 2 ** (random() % 21);
    default:
      return words[0]! / 2 ** 32 + words[1]! / 2 ** 64;
  }
}

function digits(random: Random, count: number): string {
  let text = '';
  while (text.length < count) text += random() % 3 === 0 ? '0' : String(random() % 1_000_000);
  return text.slice(0, count);
}

function integer(random: Random, count: number): string {
  return digits(random, count).replace(/^0+(?=.)/, '');
}

function exponent(random: Random): string {
  return `${random() % 2 === 0 ? 'e' : 'E'}${['', '+', '-'][random() % 3]}${random() % 285}`.replace('+', '+0');
}

/** Halfway between two neighbouring floats of so many bits, written out or cut off, or a last digit away from it. */
function nearMidpoint(random: Random, bits: 24 | 53): string {
  const significand = (BigInt(random()) << 32n) | BigInt(random());
  const odd = (1n << BigInt(bits)) | BigInt.asUintN(bits, significand) | 1n;
  const shift = random() % (bits === 53 ? 120 : 60);
  if (random() % 4 === 0) return (odd << BigInt(shift)).toString();
  const text = (odd * 10n ** BigInt(shift)) >> BigInt(shift);
  const padded = text.toString().padStart(shift + 1, '0');
  const full = shift === 0 ? padded : `${padded.slice(0, -shift)}.${padded.slice(-shift)}`;
  switch (random() % 4) {
    case 0:
      return full.slice(0, 18 + (random() % 10)).replace(/\.$/, '');
    case 1:
      return shift === 0 ? full : `${full}${random() % 2 === 0 ? '0000' : '0001'}`;
    case 2:
      return `${full.slice(0, -1)}${random() % 10}`.replace(/^0(?=\d)/, '');
    default:
      return full;
  }
}

/** numerator / denominator, rounded to nearest, ties to even. */
function nearest(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  let power = numerator.toString(2).length - denominator.toString(2).length;
  const atLeast = (p: number): boolean =>
    p >= 0 ? numerator >= denominator << BigInt(p) : numerator << BigInt(-p) >= denominator;
  if (!atLeast(power)) power--;
  const unit = Math.max(power - 52, -1074);
  const top = unit < 0 ? numerator << BigInt(-unit) : numerator;
  const bottom = unit < 0 ? denominator : denominator << BigInt(unit);
  let significand = top / bottom;
  const twice = 2n * (top % bottom);
  if (twice > bottom || (twice === bottom && (significand & 1n) === 1n)) significand++;
  // Both factors and the product are exact, subnormals too; beyond the largest double it is Infinity.
  return unit < -1000 ? Number(significand) * 2 ** -1000 * 2 ** (unit + 1000) : Number(significand) * 2 ** unit;
}

/** C's `%.{precision}g` of a positive double, from its exact value. */
function formatG(value: number, precision: number): string {
  const { numerator, denominator } = exactly(value);
  let power = Math.floor(Math.log10(value));
  const atLeast = (p: number): boolean =>
    p >= 0 ? numerator >= denominator * 10n ** BigInt(p) : numerator * 10n ** BigInt(-p) >= denominator;
  while (!atLeast(power)) power--;
  while (atLeast(power + 1)) power++;
  const shift = precision - 1 - power;
  const top = shift >= 0 ? numerator * 10n ** BigInt(shift) : numerator;
  const bottom = shift >= 0 ? denominator : denominator * 10n ** BigInt(-shift);
  let rounded = top / bottom;
  const twice = 2n * (top % bottom);
  if (twice > bottom || (twice === bottom && (rounded & 1n) === 1n)) rounded++;
  if (rounded === 10n ** BigInt(precision)) {
    rounded /= 10n;
    power++;
  }
  const text = rounded.toString();
  const trim = (fraction: string): string => fraction.replace(/0+$/, '').replace(/\.$/, '');
  if (power < -4 || power >= precision) {
    const sign = power < 0 ? '-' : '+';
    return `${trim(`${text[0]}.${text.slice(1)}`)}e${sign}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  if (power < 0) return trim(`0.${'0'.repeat(-power - 1)}${text}`);
  return trim(`${text.slice(0, power + 1)}.${text.slice(power + 1)}`);
}

function exactly(value: number): { numerator: bigint; denominator: bigint } {
  let numerator = value;
  let shift = 0;
  while (!Number.isInteger(numerator)) {
    const step = numerator < 1e-10 ? 500 : 1;
    numerator *= 2 ** step;
    shift += step;
  }
  return { numerator: BigInt(numerator), denominator: 1n << BigInt(shift) };
}
