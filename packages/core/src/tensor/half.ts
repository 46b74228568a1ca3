/** 16-bit floating-point numbers: the raw patterns in which `half` and `bfloat16` tensors hold their values. */

const NAN_HALF = 0x7e00;
const INFINITY_HALF = 0x7c00;

/** The IEEE 754 binary16 pattern nearest to a number, ties to even. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return NAN_HALF;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  // From here on the nearest representable number is past the largest one, 65504.
  if (magnitude >= 65520) return sign | INFINITY_HALF;
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = exponentOf(magnitude);
  // A significand that rounds up to 2048 carries into the exponent by itself.
  return sign | (((exponent + 14) << 10) + roundToEven(magnitude * 2 ** (10 - exponent)));
}

/** The number that a binary16 pattern stands for. */
export function fromHalf(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 0x1f;
  const fraction = pattern & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** The bfloat16 pattern nearest to a number, ties to even. */
export function toBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 2 ** 128) return sign | 0x7f80;
  if (magnitude < 2 ** -126) return sign | roundToEven(magnitude * 2 ** 133);
  const exponent = exponentOf(magnitude);
  return sign | (((exponent + 126) << 7) + roundToEven(magnitude * 2 ** (7 - exponent)));
}

/** The number that a bfloat16 pattern stands for. */
export function fromBfloat16(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 7) & 0xff;
  const fraction = pattern & 0x7f;
  if (exponent === 0xff) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -133 : sign * (128 + fraction) * 2 ** (exponent - 134);
}

/** Of a whole part and an exactly known fraction: the nearest whole number, ties to even. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The power of two at or below a normal positive number. */
function exponentOf(value: number): number {
  const guess = Math.floor(Math.log2(value));
  if (2 ** guess > value) return guess - 1;
  return 2 ** (guess + 1) <= value ? guess + 1 : guess;
}
