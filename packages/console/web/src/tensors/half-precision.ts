/** The 16 bit patterns of half and bfloat16 numbers. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Rounds to the nearest bfloat16, ties to even. */
export function bfloat16Bits(value: number): number {
  float[0] = value;
  const pattern = bits[0] ?? 0;
  if (Number.isNaN(value)) return 0x7fc0;
  return ((pattern + 0x7fff + ((pattern >>> 16) & 1)) >>> 16) & 0xffff;
}

export function ofBfloat16Bits(pattern: number): number {
  bits[0] = pattern << 16;
  return float[0] ?? 0;
}

/** Rounds to the nearest half, ties to even. */
export function halfBits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  const steps = roundToEven(size / 2 ** (exponent - 10));
  // A subnormal has fewer than 1024 steps; one that rounds up carries into the exponent by itself.
  return sign | (size < 2 ** -14 ? steps : ((exponent + 14) << 10) + steps);
}

export function ofHalfBits(pattern: number): number {
  const exponent = (pattern >> 10) & 31;
  const fraction = pattern & 1023;
  const size =
    exponent === 31
      ? fraction === 0
        ? Number.POSITIVE_INFINITY
        : Number.NaN
      : exponent === 0
        ? fraction * 2 ** -24
        : (1024 + fraction) * 2 ** (exponent - 25);
  return pattern & 0x8000 ? -size : size;
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
