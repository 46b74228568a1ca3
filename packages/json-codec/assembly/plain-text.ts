/** The inside of JSON strings, eight bytes at a time. */
const ONES: u64 = 0x0101010101010101;
const HIGH_BITS: u64 = 0x8080808080808080;

/** The first byte from `from` on that ends a string or begins an escape or is a control character; `end` without one. */
export function plainEnd(from: usize, end: usize): usize {
  let at = from;
  while (at + 8 <= end) {
    const eight = load<u64>(at);
    const quote = eight ^ (0x22 * ONES);
    const backslash = eight ^ (0x5c * ONES);
    // Borrows make wrong marks only behind the first right one.
    const marks = ((eight - 0x20 * ONES) & ~eight) | ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash);
    if ((marks & HIGH_BITS) !== 0) return at + <usize>(ctz(marks & HIGH_BITS) >> 3);
    at += 8;
  }
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c) break;
    at++;
  }
  return at;
}
