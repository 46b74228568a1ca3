/** The little-endian bytes of tensors in binary bodies. */
import type { DataType } from './data-type.js';
import { bfloat16Bits, halfBits, ofBfloat16Bits, ofHalfBits } from './half-precision.js';
import type { Scalar } from './tensor.js';
import { ValueError } from './value-error.js';

type Write = (view: DataView, at: number, value: Scalar) => void;
type Read = (view: DataView, at: number) => Scalar;

const number = (value: Scalar): number => Number(value);

const ACCESS: Readonly<Record<string, readonly [Write, Read]>> = {
  float: [(view, at, value) => view.setFloat32(at, number(value), true), (view, at) => view.getFloat32(at, true)],
  double: [(view, at, value) => view.setFloat64(at, number(value), true), (view, at) => view.getFloat64(at, true)],
  half: [
    (view, at, value) => view.setUint16(at, halfBits(number(value)), true),
    (view, at) => ofHalfBits(view.getUint16(at, true)),
  ],
  bfloat16: [
    (view, at, value) => view.setUint16(at, bfloat16Bits(number(value)), true),
    (view, at) => ofBfloat16Bits(view.getUint16(at, true)),
  ],
  int8: [(view, at, value) => view.setInt8(at, number(value)), (view, at) => view.getInt8(at)],
  uint8: [(view, at, value) => view.setUint8(at, number(value)), (view, at) => view.getUint8(at)],
  int16: [(view, at, value) => view.setInt16(at, number(value), true), (view, at) => view.getInt16(at, true)],
  uint16: [(view, at, value) => view.setUint16(at, number(value), true), (view, at) => view.getUint16(at, true)],
  int32: [(view, at, value) => view.setInt32(at, number(value), true), (view, at) => view.getInt32(at, true)],
  uint32: [(view, at, value) => view.setUint32(at, number(value), true), (view, at) => view.getUint32(at, true)],
  int64: [(view, at, value) => view.setBigInt64(at, big(value), true), (view, at) => view.getBigInt64(at, true)],
  uint64: [(view, at, value) => view.setBigUint64(at, big(value), true), (view, at) => view.getBigUint64(at, true)],
  bool: [(view, at, value) => view.setUint8(at, value ? 1 : 0), (view, at) => view.getUint8(at) !== 0],
};

function big(value: Scalar): bigint {
  return typeof value === 'bigint' ? value : BigInt(number(value));
}

function accessOf({ name }: DataType): readonly [Write, Read] {
  const access = ACCESS[name.replace(/^q(?=u?int)/, '')];
  if (access === undefined) throw new ValueError(`Tensors of type ${name} have no binary form.`);
  return access;
}

/** The bytes of values; strings have their length in front, as the Open Inference Protocol has them. */
export function elementBytes(values: ArrayLike<Scalar>, dtype: DataType): Uint8Array<ArrayBuffer> {
  if (dtype.kind === 'string') return stringBytes(values);
  const [write] = accessOf(dtype);
  const bytes = new Uint8Array(values.length * dtype.bytes);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) write(view, i * dtype.bytes, values[i] as Scalar);
  return bytes;
}

/** The values of bytes. Strings that are not UTF-8 stay bytes. */
export function valuesOfBytes(bytes: Uint8Array, dtype: DataType): Scalar[] {
  if (dtype.kind === 'string') return stringsOfBytes(bytes);
  const [, read] = accessOf(dtype);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / dtype.bytes) }, (_, i) => read(view, i * dtype.bytes));
}

/** As text where it is UTF-8. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes;
  }
}

function stringBytes(values: ArrayLike<Scalar>): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const strings = Array.from(values, (value) => (value instanceof Uint8Array ? value : encoder.encode(String(value))));
  const bytes = new Uint8Array(strings.reduce((total, string) => total + 4 + string.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const string of strings) {
    view.setUint32(at, string.length, true);
    bytes.set(string, at + 4);
    at += 4 + string.length;
  }
  return bytes;
}

function stringsOfBytes(bytes: Uint8Array): Scalar[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: Scalar[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint32(at, true);
    strings.push(textOrBytes(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return strings;
}
