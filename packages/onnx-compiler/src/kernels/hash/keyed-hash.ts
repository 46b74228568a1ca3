/** SipHash-2-4, and the Murmur-like hash of TensorFlow's older buckets. */

const MASK = 0xffff_ffff_ffff_ffffn;
const wrap = (value: bigint): bigint => value & MASK;
const rotate = (value: bigint, shift: bigint): bigint => (value >> (64n - shift)) | wrap(value << shift);

/** The keyed hash, as an unsigned integer. */
export function sipHash(bytes: Uint8Array, key: readonly [bigint, bigint]): bigint {
  let v0 = key[0] ^ 0x736f6d6570736575n;
  let v1 = key[1] ^ 0x646f72616e646f6dn;
  let v2 = key[0] ^ 0x6c7967656e657261n;
  let v3 = key[1] ^ 0x7465646279746573n;
  const rounds = (count: number) => {
    for (let i = 0; i < count; i++) {
      v0 = wrap(v0 + v1);
      v2 = wrap(v2 + v3);
      v1 = rotate(v1, 13n) ^ v0;
      v3 = rotate(v3, 16n) ^ v2;
      v0 = rotate(v0, 32n);
      v2 = wrap(v2 + v1);
      v0 = wrap(v0 + v3);
      v1 = rotate(v1, 17n) ^ v2;
      v3 = rotate(v3, 21n) ^ v0;
      v2 = rotate(v2, 32n);
    }
  };
  const take = (word: bigint) => {
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) take(view.getBigUint64(at, true));
  take((BigInt(bytes.length & 0xff) << 56n) | littleEndian(bytes, whole));
  v2 ^= 0xffn;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

function littleEndian(bytes: Uint8Array, from: number): bigint {
  let word = 0n;
  for (let i = bytes.length - 1; i >= from; i--) word = (word << 8n) | BigInt(bytes[i]!);
  return word;
}

const FACTOR = 0xc6a4a7935bd1e995n;
const LEGACY_SEED = 0xdecafcaffen;

/** The hash of `StringToHashBucket`, as an unsigned integer. */
export function legacyHash(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hash = LEGACY_SEED ^ wrap(BigInt(bytes.length) * FACTOR);
  const whole = bytes.length - (bytes.length % 8);
  for (let at = 0; at < whole; at += 8) {
    let word = wrap(view.getBigUint64(at, true) * FACTOR);
    word = wrap((word ^ (word >> 47n)) * FACTOR);
    hash = wrap((hash ^ word) * FACTOR);
  }
  if (whole < bytes.length) hash = wrap((hash ^ littleEndian(bytes, whole)) * FACTOR);
  hash = wrap((hash ^ (hash >> 47n)) * FACTOR);
  return hash ^ (hash >> 47n);
}
