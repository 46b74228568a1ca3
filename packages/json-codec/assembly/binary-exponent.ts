/** Logarithms of powers of ten and two, as integers. */

/** ⌊log₂ 10^q⌋ for the powers in the table. */
export function binaryExponentOfPower(q: i32): i32 {
  return q + ((q * 1217359) >> 19);
}

/** ⌊log₁₀ 2^b⌋ for every exponent of a double. */
export function decimalExponentOfTwo(b: i32): i32 {
  return (b * 315653) >> 20;
}
