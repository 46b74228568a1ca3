/** Integers as decimal digits. */

import { ZEROS } from './digits';

/** Eight digits, with leading zeros, of a number below 10⁸; the first in the lowest byte. Fours, then pairs, then ones. */
export function eightDigitText(value: u32): u64 {
  const upper = value / 10000;
  const fours = <u64>upper | ((<u64>(value - upper * 10000)) << 32);
  const hundreds = ((fours * 10486) >> 20) & 0x0000007f0000007f;
  const pairs = hundreds | ((fours - hundreds * 100) << 16);
  const tens = ((pairs * 103) >> 10) & 0x000f000f000f000f;
  return (tens | ((pairs - tens * 10) << 8)) + ZEROS;
}

/** Writes a number without leading zeros; up to 7 bytes behind it are overwritten. */
export function writeUnsigned(value: u64, out: usize): usize {
  if (value < 100000000) return writeUpToEight(<u32>value, out);
  const upper = value / 100000000;
  const at = writeUnsigned(upper, out);
  store<u64>(at, eightDigitText(<u32>(value - upper * 100000000)));
  return at + 8;
}

function writeUpToEight(value: u32, out: usize): usize {
  if (value < 10) {
    store<u8>(out, 0x30 + value);
    return out + 1;
  }
  const text = eightDigitText(value);
  const zeros = <usize>ctz(text ^ ZEROS) >> 3;
  store<u64>(out, text >> (zeros << 3));
  return out + 8 - zeros;
}
