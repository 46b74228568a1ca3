/** Products of two 64-bit numbers to 128 bits. */

/** The upper 64 bits of the product. */
export function upperProduct(a: u64, b: u64): u64 {
  const a0 = a & 0xffffffff;
  const a1 = a >> 32;
  const b0 = b & 0xffffffff;
  const b1 = b >> 32;
  const cross = a1 * b0 + ((a0 * b0) >> 32);
  return a1 * b1 + (cross >> 32) + ((a0 * b1 + (cross & 0xffffffff)) >> 32);
}
