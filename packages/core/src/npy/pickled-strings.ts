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

/** Values that pickle numbered before the list's first one. */
const MEMO_BEFORE_LIST = 19;
/** The number of `b'b'`, which Python has only once. */
const MEMO_OF_B = 7;

/** What `pickle.dump(array, file, protocol=4)` writes of an array of `bytes` with at least one dimension. */
export function encodePickledStrings(shape: readonly number[], strings: StringArray): Buffer {
  const parts: Uint8Array[] = [beforeShape, tuple(shape), afterShape];
  // Python has one object for each string of up to one byte; from its second place on it is referred to.
  const memo = new Map<number, number>([['b'.charCodeAt(0), MEMO_OF_B]]);
  let memoized = MEMO_BEFORE_LIST;
  for (let start = 0; start < strings.length; start += BATCH) {
    const stop = Math.min(start + BATCH, strings.length);
    if (stop - start > 1) parts.push(ascii('('));
    for (let i = start; i < stop; i++) {
      const string = strings.at(i);
      const single = string.length < 2 ? (string[0] ?? -1) : undefined;
      const known = single === undefined ? undefined : memo.get(single);
      if (known !== undefined) parts.push(reference(known));
      else {
        if (single !== undefined) memo.set(single, memoized);
        memoized++;
        parts.push(bytesHead(string.length), string, ascii('\x94'));
      }
    }
    parts.push(ascii(stop - start > 1 ? 'e' : 'a'));
  }
  parts.push(end);
  const frame = Buffer.concat(parts);
  const head = ascii('\x80\x04\x95\0\0\0\0\0\0\0\0');
  head.writeBigUInt64LE(BigInt(frame.length), 3);
  return Buffer.concat([head, frame]);
}

/** Bytes of the length in front of a string. */
const stringOpcodes: Readonly<Record<string, number>> = {
  C: 1,
  U: 1,
  '\x8c': 1,
  B: 4,
  T: 4,
  X: 4,
  '\x8e': 8,
  '\x8d': 8,
};
/** Bytes of the argument of an opcode that is of no interest in itself. */
const otherOpcodes: Readonly<Record<string, number>> = {
  '\x80': 1,
  '\x95': 8,
  K: 1,
  M: 2,
  J: 4,
  ...Object.fromEntries(Array.from('(ae]tRbN\x85\x86\x87\x88\x89\x93', (opcode) => [opcode, 0])),
};

/**
 * The strings of such a pickle, of protocol 3 or later, whichever NumPy wrote it. Nothing is executed: the function
 * reads the opcodes. Returns `undefined` for an opcode that such a pickle does not have, and for list items other than `bytes` and
 * `str`. Yields after each 16k opcodes.
 */
export function* decodePickledStrings(pickle: Uint8Array): Generator<void, Uint8Array[] | undefined> {
  const bytes = Buffer.from(pickle.buffer, pickle.byteOffset, pickle.byteLength);
  try {
    return yield* readOpcodes(bytes);
  } catch (error) {
    // A read behind the end.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Opcodes that are read before the event loop may turn. */
const SLICE_OPCODES = 16 * 1024;

function* readOpcodes(bytes: Buffer): Generator<void, Uint8Array[] | undefined> {
  const memo = new Map<number, Uint8Array | undefined>();
  let last: Uint8Array | undefined;
  let list: Uint8Array[] | undefined;
  let left = SLICE_OPCODES;
  for (let at = 0; at < bytes.length; ) {
    if (--left === 0) {
      yield;
      left = SLICE_OPCODES;
    }
    const opcode = String.fromCharCode(bytes[at++]!);
    const lengthSize = stringOpcodes[opcode];
    const argument = otherOpcodes[opcode];
    if (lengthSize !== undefined) {
      const length = lengthSize === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, lengthSize);
      at += lengthSize;
      if (at + length > bytes.length) return undefined;
      last = bytes.subarray(at, at + length);
      list?.push(last);
      at += length;
    } else if (opcode === '\x94') memo.set(memo.size, last);
    else if (opcode === 'q') memo.set(bytes.readUInt8(at++), last);
    else if (opcode === 'r') {
      memo.set(bytes.readUInt32LE(at), last);
      at += 4;
    } else if (opcode === 'h' || opcode === 'j') {
      const known = memo.get(opcode === 'h' ? bytes.readUInt8(at) : bytes.readUInt32LE(at));
      at += opcode === 'h' ? 1 : 4;
      if (list && !known) return undefined;
      if (list && known) list.push(known);
    } else if (opcode === 'c') {
      // The names of a module and of what is in it, each on a line; in the list it would be an object.
      const moduleEnd = bytes.indexOf('\n', at);
      const nameEnd = moduleEnd < 0 ? -1 : bytes.indexOf('\n', moduleEnd + 1);
      if (list || nameEnd < 0) return undefined;
      at = nameEnd + 1;
    } else if (argument === undefined) return undefined;
    else {
      at += argument;
      if (opcode === 't' && list) return list;
      if (opcode === ']') list = [];
      else if (list && !'(ae\x95'.includes(opcode)) return undefined;
      if (opcode !== '\x95') last = undefined;
    }
  }
  return undefined;
}

function reference(memo: number): Buffer {
  if (memo < 256) return Buffer.from([0x68, memo]);
  const wide = Buffer.from([0x6a, 0, 0, 0, 0]);
  wide.writeUInt32LE(memo, 1);
  return wide;
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
