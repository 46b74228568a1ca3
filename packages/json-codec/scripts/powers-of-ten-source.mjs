/** Tables of powers of ten, computed exactly, as an AssemblyScript source. */

/** From where all doubles round to 0 to what takes the smallest one to 17 digits. */
const LOWEST = -342;
const HIGHEST = 340;
/** Decades in which doubles lie. */
const LOWEST_START = -324;
const HIGHEST_START = 309;

const bitLength = (value) => value.toString(2).length;

/** ⌊10^exponent × 2^s⌋ with s such that the result has 128 bits. */
function upperBits(exponent) {
  const power = 10n ** BigInt(Math.abs(exponent));
  const length = bitLength(power);
  if (exponent >= 0) return length <= 128 ? power << BigInt(128 - length) : power >> BigInt(length - 128);
  const quotient = (1n << BigInt(length + 128)) / power;
  return quotient >> BigInt(bitLength(quotient) - 128);
}

/** The smallest double that is not below 10^exponent. */
function startOfDecade(exponent) {
  const bits = new BigUint64Array(Float64Array.of(Number(`1e${exponent}`)).buffer)[0];
  return isBelow(bits, exponent) ? bits + 1n : bits;
}

function isBelow(bits, exponent) {
  const field = Number(bits >> 52n);
  if (field === 0x7ff) return false;
  const significand = (bits & ((1n << 52n) - 1n)) + (field === 0 ? 0n : 1n << 52n);
  const shift = Math.max(field, 1) - 1075;
  const left = significand << BigInt(Math.max(shift, 0));
  const right = 1n << BigInt(Math.max(-shift, 0));
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent >= 0 ? left < power * right : left * power < right;
}

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const table = (name, words) => `export const ${name}: usize = memory.data<u64>([${words.join(', ')}]);\n`;
const hex = (word) => `0x${word.toString(16)}`;

export function powersOfTenSource() {
  const powers = range(LOWEST, HIGHEST).flatMap((exponent) => {
    const bits = upperBits(exponent);
    return [hex(bits >> 64n), hex(bits & (2n ** 64n - 1n))];
  });
  const starts = range(LOWEST_START, HIGHEST_START).map((exponent) => hex(startOfDecade(exponent)));
  return [
    `export const LOWEST_POWER: i32 = ${LOWEST};\n`,
    '/** The upper 128 bits of the powers of ten from the lowest on, cut off; the first bit of each is 1. */\n',
    table('POWERS_OF_TEN', powers),
    `export const LOWEST_START: i32 = ${LOWEST_START};\n`,
    '/** The smallest double in each decade. */\n',
    table('STARTS_OF_DECADES', starts),
  ].join('');
}
