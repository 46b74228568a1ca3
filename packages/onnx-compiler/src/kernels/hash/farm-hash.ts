/** FarmHash's 64-bit fingerprint of byte strings. */

const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const MASK = 0xffff_ffff_ffff_ffffn;

type Pair = readonly [bigint, bigint];

const wrap = (value: bigint): bigint => value & MASK;
const rotate = (value: bigint, shift: bigint): bigint => (value >> shift) | wrap(value << (64n - shift));
const shiftMix = (value: bigint): bigint => value ^ (value >> 47n);

function mixed(u: bigint, v: bigint, factor: bigint): bigint {
  const a = shiftMix(wrap((u ^ v) * factor));
  return wrap(shiftMix(wrap((v ^ a) * factor)) * factor);
}

/** The fingerprint, as an unsigned integer. */
export function fingerprint64(bytes: Uint8Array): bigint {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (length <= 16) return upTo16(view, bytes);
  if (length <= 32) return upTo32(view);
  return length <= 64 ? upTo64(view) : longer(view);
}

function upTo16(view: DataView, bytes: Uint8Array): bigint {
  const { length } = bytes;
  const factor = K2 + 2n * BigInt(length);
  if (length >= 8) {
    const a = wrap(view.getBigUint64(0, true) + K2);
    const b = view.getBigUint64(length - 8, true);
    const c = wrap(rotate(b, 37n) * factor + a);
    const d = wrap((rotate(a, 25n) + b) * factor);
    return mixed(c, d, wrap(factor));
  }
  if (length >= 4) {
    const first = BigInt(view.getUint32(0, true));
    return mixed(BigInt(length) + (first << 3n), BigInt(view.getUint32(length - 4, true)), wrap(factor));
  }
  if (length === 0) return K2;
  const y = BigInt(bytes[0]! + (bytes[length >> 1]! << 8));
  const z = BigInt(length + (bytes[length - 1]! << 2));
  return wrap(shiftMix(wrap(y * K2) ^ wrap(z * K0)) * K2);
}

function upTo32(view: DataView): bigint {
  const length = view.byteLength;
  const factor = wrap(K2 + 2n * BigInt(length));
  const a = wrap(view.getBigUint64(0, true) * K1);
  const b = view.getBigUint64(8, true);
  const c = wrap(view.getBigUint64(length - 8, true) * factor);
  const d = wrap(view.getBigUint64(length - 16, true) * K2);
  return mixed(wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d), wrap(a + rotate(wrap(b + K2), 18n) + c), factor);
}

function upTo64(view: DataView): bigint {
  const length = view.byteLength;
  const factor = wrap(K2 + 2n * BigInt(length));
  const a = wrap(view.getBigUint64(0, true) * K2);
  const b = view.getBigUint64(8, true);
  const c = wrap(view.getBigUint64(length - 8, true) * factor);
  const d = wrap(view.getBigUint64(length - 16, true) * K2);
  const y = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d);
  const z = mixed(y, wrap(a + rotate(wrap(b + K2), 18n) + c), factor);
  const e = wrap(view.getBigUint64(16, true) * factor);
  const f = view.getBigUint64(24, true);
  const g = wrap((y + view.getBigUint64(length - 32, true)) * factor);
  const h = wrap((z + view.getBigUint64(length - 24, true)) * factor);
  return mixed(wrap(rotate(wrap(e + f), 43n) + rotate(g, 30n) + h), wrap(e + rotate(wrap(f + a), 18n) + g), factor);
}

function weak(view: DataView, at: number, seedA: bigint, seedB: bigint): Pair {
  const read = (offset: number) => view.getBigUint64(at + offset, true);
  const last = read(24);
  const a = wrap(seedA + read(0));
  const b = rotate(wrap(seedB + a + last), 21n);
  const sum = wrap(a + read(8) + read(16));
  return [wrap(sum + last), wrap(b + rotate(sum, 44n) + a)];
}

interface State {
  x: bigint;
  y: bigint;
  z: bigint;
  v: Pair;
  w: Pair;
}

/** Takes 64 bytes; `last` changes the factors for the end of the string. */
function round(state: State, view: DataView, at: number, factor: bigint, last: boolean): void {
  const { v, w } = state;
  const read = (offset: number) => view.getBigUint64(at + offset, true);
  const weight = last ? 9n : 1n;
  const x = wrap(rotate(wrap(state.x + state.y + v[0] + read(8)), 37n) * factor) ^ wrap(w[1] * weight);
  const y = wrap(rotate(wrap(state.y + v[1] + read(48)), 42n) * factor + v[0] * weight + read(40));
  const z = wrap(rotate(wrap(state.z + w[0]), 33n) * factor);
  state.v = weak(view, at, wrap(v[1] * factor), wrap(x + w[0]));
  state.w = weak(view, at + 32, wrap(z + w[1]), wrap(y + read(16)));
  state.x = z;
  state.y = y;
  state.z = x;
}

function longer(view: DataView): bigint {
  const length = view.byteLength;
  const y = wrap(81n * K1 + 113n);
  const state: State = {
    x: wrap(81n * K2 + view.getBigUint64(0, true)),
    y,
    z: wrap(shiftMix(wrap(y * K2 + 113n)) * K2),
    v: [0n, 0n],
    w: [0n, 0n],
  };
  const end = Math.floor((length - 1) / 64) * 64;
  for (let at = 0; at < end; at += 64) round(state, view, at, K1, false);
  const factor = wrap(K1 + ((state.z & 0xffn) << 1n));
  const firstW = wrap(state.w[0] + BigInt((length - 1) & 63));
  const firstV = wrap(state.v[0] + firstW);
  state.v = [firstV, state.v[1]];
  state.w = [wrap(firstW + firstV), state.w[1]];
  round(state, view, length - 64, factor, true);
  return mixed(
    wrap(mixed(state.v[0], state.w[0], factor) + wrap(shiftMix(state.y) * K0) + state.z),
    wrap(mixed(state.v[1], state.w[1], factor) + state.x),
    factor,
  );
}

/** Two fingerprints as one. */
export function concatFingerprints(first: bigint, second: bigint): bigint {
  const factor = 0xc6a4a7935bd1e995n;
  const seed = wrap(first ^ factor);
  const result = wrap(wrap(shiftMix(wrap(second * factor)) * factor) ^ seed);
  return shiftMix(wrap(shiftMix(wrap(result * factor)) * factor));
}
