/** The inverse cosine transform in the two integer forms of the JPEG library. */

/** Turns 64 quantized coefficients at `at` into samples of 0 to 255. */
export type InverseDct = (
  coefficients: Int16Array,
  at: number,
  quantization: Int32Array,
  samples: Uint8Array,
  to: number,
  stride: number,
) => void;

const work = new Int32Array(64);

function clamp(value: number): number {
  return Math.max(0, Math.min(value, 255));
}

/** One row or column of the accurate form. */
function accurateLine(from: Int32Array, at: number, step: number, shift: number): void {
  const x0 = from[at]!;
  const x1 = from[at + step]!;
  const x2 = from[at + 2 * step]!;
  const x3 = from[at + 3 * step]!;
  const x4 = from[at + 4 * step]!;
  const x5 = from[at + 5 * step]!;
  const x6 = from[at + 6 * step]!;
  const x7 = from[at + 7 * step]!;
  const even = (x2 + x6) * 4433;
  const e2 = even - x6 * 15137;
  const e3 = even + x2 * 6270;
  const [e0, e1] = [(x0 + x4) << 13, (x0 - x4) << 13];
  const [a0, a3, a1, a2] = [e0 + e3, e0 - e3, e1 + e2, e1 - e2];
  const z5 = (x7 + x3 + x5 + x1) * 9633;
  const z1 = (x7 + x1) * -7373;
  const z2 = (x5 + x3) * -20995;
  const z3 = (x7 + x3) * -16069 + z5;
  const z4 = (x5 + x1) * -3196 + z5;
  const b0 = x7 * 2446 + z1 + z3;
  const b1 = x5 * 16819 + z2 + z4;
  const b2 = x3 * 25172 + z2 + z3;
  const b3 = x1 * 12299 + z1 + z4;
  const half = 1 << (shift - 1);
  from[at] = (a0 + b3 + half) >> shift;
  from[at + 7 * step] = (a0 - b3 + half) >> shift;
  from[at + step] = (a1 + b2 + half) >> shift;
  from[at + 6 * step] = (a1 - b2 + half) >> shift;
  from[at + 2 * step] = (a2 + b1 + half) >> shift;
  from[at + 5 * step] = (a2 - b1 + half) >> shift;
  from[at + 3 * step] = (a3 + b0 + half) >> shift;
  from[at + 4 * step] = (a3 - b0 + half) >> shift;
}

/** The accurate form (`INTEGER_ACCURATE`). */
export const accurateDct: InverseDct = (coefficients, at, quantization, samples, to, stride) => {
  for (let i = 0; i < 64; i++) work[i] = coefficients[at + i]! * quantization[i]!;
  for (let column = 0; column < 8; column++) accurateLine(work, column, 8, 11);
  for (let row = 0; row < 8; row++) accurateLine(work, 8 * row, 1, 18);
  for (let i = 0; i < 64; i++) samples[to + (i >> 3) * stride + (i & 7)] = clamp(work[i]! + 128);
};

/** One row or column of the fast form. */
function fastLine(from: Int32Array, at: number, step: number): void {
  const x0 = from[at]!;
  const x1 = from[at + step]!;
  const x2 = from[at + 2 * step]!;
  const x3 = from[at + 3 * step]!;
  const x4 = from[at + 4 * step]!;
  const x5 = from[at + 5 * step]!;
  const x6 = from[at + 6 * step]!;
  const x7 = from[at + 7 * step]!;
  const a3 = x2 + x6;
  const a2 = (((x2 - x6) * 362) >> 8) - a3;
  const [e0, e3] = [x0 + x4 + a3, x0 + x4 - a3];
  const [e1, e2] = [x0 - x4 + a2, x0 - x4 - a2];
  const [z13, z10, z11, z12] = [x5 + x3, x5 - x3, x1 + x7, x1 - x7];
  const b7 = z11 + z13;
  const z5 = ((z10 + z12) * 473) >> 8;
  const b6 = ((z10 * -669) >> 8) + z5 - b7;
  const b5 = (((z11 - z13) * 362) >> 8) - b6;
  const b4 = ((z12 * 277) >> 8) - z5 + b5;
  from[at] = e0 + b7;
  from[at + 7 * step] = e0 - b7;
  from[at + step] = e1 + b6;
  from[at + 6 * step] = e1 - b6;
  from[at + 2 * step] = e2 + b5;
  from[at + 5 * step] = e2 - b5;
  from[at + 4 * step] = e3 + b4;
  from[at + 3 * step] = e3 - b4;
}

/** The fast form (`INTEGER_FAST`), which is TensorFlow's default. */
export const fastDct: InverseDct = (coefficients, at, quantization, samples, to, stride) => {
  for (let i = 0; i < 64; i++) work[i] = coefficients[at + i]! * quantization[i]!;
  for (let column = 0; column < 8; column++) fastLine(work, column, 8);
  for (let row = 0; row < 8; row++) fastLine(work, 8 * row, 1);
  for (let i = 0; i < 64; i++) samples[to + (i >> 3) * stride + (i & 7)] = clamp((work[i]! >> 5) + 128);
};

const SCALES = [1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.5411961, 0.275899379];

/** The factors of coefficients for the fast form, which has part of the transform in them. */
export function fastQuantization(quantization: Int32Array): Int32Array {
  return quantization.map((factor, i) => {
    const scale = Math.round(SCALES[i >> 3]! * SCALES[i & 7]! * 16384);
    return (factor * scale + 2048) >> 12;
  });
}
