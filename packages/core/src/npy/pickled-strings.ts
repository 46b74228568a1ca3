/** Python's pickle of a NumPy array of byte strings, which is how `.npy` files hold strings of any length. */
import type { StringArray } from '../tensor/index.js';

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Opcodes up to where the shape stands: `numpy._core.multiarray._reconstruct(numpy.ndarray, (0,), b'b')`, then its state. */
const beforeShape = ascii(
  '\x8c\x16numpy._core.multiarray\x94\x8c\x0c_reconstruct\x94\x93\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94\x93\x94K\x00\x85\x94C\x01b\x94\x87\x94R\x94(K\x01',
);
/** The data type of objects, and the beginning of the list. */
const afterShape = ascii(
  '\x94h\x03\x8c\x05dtype\x94\x93\x94\x8c\x02O8\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01|\x94NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?t\x94b\x89]\x94',
);
const end = ascii('t\x94b.');
/** Elements that are put into the list at once. */
const BATCH = 1000;

/** What `pickle.dump(array, file, protocol=4)` writes of an array of `bytes` with at least one dimension. */
export function encodePickledStrings(shape: readonly number[], strings: StringArray): Buffer {
  const parts: Uint8Array[] = [beforeShape, tuple(shape), afterShape];
  for (let start = 0; start < strings.length; start += BATCH) {
    const stop = Math.min(start + BATCH, strings.length);
    if (stop - start > 1) parts.push(ascii('('));
    for (let i = start; i < stop; i++) parts.push(bytesHead(strings.at(i).length), strings.at(i), ascii('\x94'));
    parts.push(ascii(stop - start > 1 ? 'e' : 'a'));
  }
  parts.push(end);
  const frame = Buffer.concat(parts);
  const head = ascii('\x80\x04\x95\0\0\0\0\0\0\0\0');
  head.writeBigUInt64LE(BigInt(frame.length), 3);
  return Buffer.concat([head, frame]);
}

/**
 * The strings of such a pickle, whichever protocol from 2 and whichever NumPy wrote it. Nothing of it is executed: it is
 * searched for its list, and `undefined` when that holds anything but `bytes` and `str`.
 */
export function decodePickledStrings(pickle: Uint8Array): Uint8Array[] | undefined {
  const bytes = Buffer.from(pickle.buffer, pickle.byteOffset, pickle.byteLength);
  const start = bytes.indexOf(ascii('\x89]'));
  return start < 0 ? undefined : readList(bytes, start + 2);
}

function readList(bytes: Buffer, start: number): Uint8Array[] | undefined {
  const strings: Uint8Array[] = [];
  for (let at = start; at < bytes.length; ) {
    const opcode = String.fromCharCode(bytes[at++]!);
    if (opcode === 't') return strings;
    const lengthSize = { C: 1, '\x8c': 1, B: 4, X: 4, '\x8e': 8, '\x8d': 8 }[opcode];
    if (lengthSize !== undefined) {
      if (at + lengthSize > bytes.length) return undefined;
      const length = lengthSize === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, lengthSize);
      at += lengthSize;
      if (at + length > bytes.length) return undefined;
      strings.push(bytes.subarray(at, at + length));
      at += length;
    } else if (opcode === '\x95') at += 8;
    else if (opcode === 'q') at += 1;
    else if (opcode === 'r') at += 4;
    else if (!'(ae\x94'.includes(opcode)) return undefined;
  }
  return undefined;
}

function bytesHead(length: number): Buffer {
  if (length < 256) return Buffer.from([0x43, length]);
  const head = Buffer.from([0x42, 0, 0, 0, 0]);
  head.writeUInt32LE(length, 1);
  return head;
}

function tuple(values: readonly number[]): Buffer {
  const items = Buffer.concat(values.map(integer));
  if (values.length > 3) return Buffer.concat([ascii('('), items, ascii('t')]);
  return Buffer.concat([items, Buffer.from([0x84 + values.length])]);
}

function integer(value: number): Buffer {
  if (value < 256) return Buffer.from([0x4b, value]);
  const wide = Buffer.from([0x4a, 0, 0, 0, 0]);
  wide.writeInt32LE(value, 1);
  return value < 65536 ? Buffer.from([0x4d, value & 255, value >> 8]) : wide;
}
