/** Digits of text, eight bytes at a time in one word: a byte's value is what it holds beyond `0`. */

/** Eight zeros as text: what to take from eight bytes of it (exclusive or) so that digits are 0 to 9. */
export const ZEROS: u64 = 0x3030303030303030;

/** Powers of ten by the digits that they move a number by. */
export const SCALES: StaticArray<u64> = [1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000];

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

/** The number that sixteen digits are, each a byte of 0 to 9: pairs, fours and eights, side by side. */
export function sixteenDigits(values: v128): u64 {
  const first = i16x8.mul(v128.and(values, i16x8.splat(0xff)), i16x8.splat(10));
  const pairs = i16x8.add(first, i16x8.shr_u(values, 8));
  const fours = i32x4.dot_i16x8_s(pairs, i16x8(100, 1, 100, 1, 100, 1, 100, 1));
  const narrow = i16x8.narrow_i32x4_u(fours, fours);
  const eights = i64x2.extract_lane(i32x4.dot_i16x8_s(narrow, i16x8(10000, 1, 10000, 1, 10000, 1, 10000, 1)), 0);
  return (eights & 0xffffffff) * 100000000 + (<u64>eights >> 32);
}
