/**
 * Digits of text, eight or sixteen bytes at a time in one word: a byte's value is what it holds beyond `0`.
 * Constants of sixteen bytes are loaded from memory, which takes less than making them anew each time.
 */

/** Eight zeros as text: what to take from eight bytes of it (exclusive or) so that digits are 0 to 9. */
export const ZEROS: u64 = 0x3030303030303030;

/** Powers of ten by the digits that they move a number by. */
export const SCALES: StaticArray<u64> = [
  1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000,
  10000000000000, 100000000000000, 1000000000000000, 10000000000000000,
];

/** How many of the eight are digits, up to the first that isn't. */
export function digitCount(values: u64): i32 {
  // A carry into the next byte comes only from one that is no digit.
  const others = ((values + 0x7676767676767676) | values) & 0x8080808080808080;
  return <i32>(ctz(others) >> 3);
}

/** The number that the first `count` of them are, 0 to 7. */
export function firstDigits(values: u64, count: i32): u64 {
  return allDigits((values << ((7 - count) << 3)) << 8);
}

/** The number that all eight are: pairs, then fours, then all, side by side. */
export function allDigits(values: u64): u64 {
  const pairs = values * 10 + (values >> 8);
  const upper = (pairs & 0x000000ff000000ff) * 0x000f424000000064;
  const lower = ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001;
  return (upper + lower) >> 32;
}

/** A bit for each of sixteen bytes that is no digit, the first one's lowest. */
/* @inline */ export function notDigits(at: usize): u32 {
  return i8x16.bitmask(i8x16.add_sat_u(i8x16.sub(v128.load(at), v128.load(SIXTEEN_ZEROS)), v128.load(NO_DIGITS)));
}

/** The number that the first `count` of sixteen digits are, 0 to 16. */
/* @inline */ export function digitsOf(at: usize, count: i32): u64 {
  return wholeNumber(gatheredDigits(at, SHIFTS + <usize>count));
}

/** A digit, and behind a byte that is skipped `count` more of them, 0 to 13, as two numbers of eight digits. */
/* @inline */ export function digitsAroundPoint(at: usize, count: i32): v128 {
  return gatheredDigits(at, AROUND_POINT + ((<usize>count) << 4));
}

const SIXTEEN_ZEROS: usize = memory.data<u8>([48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48]);

/** What makes everything but 0 to 9 negative. */
const NO_DIGITS: usize = memory.data<u8>([
  118, 118, 118, 118, 118, 118, 118, 118, 118, 118, 118, 118, 118, 118, 118, 118,
]);

/** From the n-th byte on: what moves the first n of sixteen bytes to the end, zeros before them. */
const SHIFTS: usize = memory.data<u8>([
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  12, 13, 14, 15,
]);

/** Sixteen bytes for each count: the digits around the point moved to the end, zeros before them. */
// biome-ignore format: a line for each count.
const AROUND_POINT: usize = memory.data<u8>([
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 2,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 2, 3,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 2, 3, 4,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 2, 3, 4, 5,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 2, 3, 4, 5, 6,
  128, 128, 128, 128, 128, 128, 128, 128, 128, 0, 2, 3, 4, 5, 6, 7,
  128, 128, 128, 128, 128, 128, 128, 128, 0, 2, 3, 4, 5, 6, 7, 8,
  128, 128, 128, 128, 128, 128, 128, 0, 2, 3, 4, 5, 6, 7, 8, 9,
  128, 128, 128, 128, 128, 128, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  128, 128, 128, 128, 128, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  128, 128, 128, 128, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
  128, 128, 128, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
  128, 128, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
]);

/** Sixteen digits, taken in this order, as two 32-bit numbers of eight: pairs, fours and eights, side by side. */
/* @inline */ function gatheredDigits(at: usize, order: usize): v128 {
  const values = i8x16.swizzle(i8x16.sub(v128.load(at), v128.load(SIXTEEN_ZEROS)), v128.load(order));
  const tens = i16x8.mul(v128.and(values, v128.load(LOW_BYTES)), v128.load(TENS));
  const pairs = i16x8.add(tens, i16x8.shr_u(values, 8));
  const fours = i32x4.dot_i16x8_s(pairs, v128.load(HUNDREDS));
  return i32x4.dot_i16x8_s(i16x8.narrow_i32x4_u(fours, fours), v128.load(MYRIADS));
}

/** Two numbers of eight digits as one of sixteen. */
/* @inline */ export function wholeNumber(eights: v128): u64 {
  const both = i64x2.extract_lane(eights, 0);
  return (both & 0xffffffff) * 100000000 + (<u64>both >> 32);
}

/** Two numbers of eight digits as one, times 10^−power, 0 to 15: within two units of the last place. */
/* @inline */ export function scaledDown(eights: v128, power: i32): f64 {
  const parts = f64x2.mul(f64x2.convert_low_i32x4_s(eights), v128.load(PAIRS_OF_POWERS + ((<usize>power) << 4)));
  return f64x2.extract_lane(parts, 0) + f64x2.extract_lane(parts, 1);
}

/** 10^(8 − n) and 10^−n for each n from 0 on. */
const PAIRS_OF_POWERS: usize = memory.data<f64>([
  1e8, 1, 1e7, 1e-1, 1e6, 1e-2, 1e5, 1e-3, 1e4, 1e-4, 1e3, 1e-5, 1e2, 1e-6, 1e1, 1e-7, 1, 1e-8, 1e-1, 1e-9, 1e-2, 1e-10,
  1e-3, 1e-11, 1e-4, 1e-12, 1e-5, 1e-13, 1e-6, 1e-14, 1e-7, 1e-15,
]);

const LOW_BYTES: usize = memory.data<u16>([255, 255, 255, 255, 255, 255, 255, 255]);
const TENS: usize = memory.data<u16>([10, 10, 10, 10, 10, 10, 10, 10]);
const HUNDREDS: usize = memory.data<u16>([100, 1, 100, 1, 100, 1, 100, 1]);
const MYRIADS: usize = memory.data<u16>([10000, 1, 10000, 1, 10000, 1, 10000, 1]);
