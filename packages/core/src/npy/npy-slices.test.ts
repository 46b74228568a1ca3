/** Large files: the same tensors, with pauses in between. */
import { describe, expect, it } from 'vitest';
import { StringArray, type Tensor, tensorFromBytes } from '../tensor/index.js';
import { decodeNpy, decodeNpyInSlices } from './decode-npy.js';
import { encodeNpy } from './encode-npy.js';

const MIB = 1024 ** 2;

function fileOf(descr: string, shape: readonly number[], data: Uint8Array, isFortranOrder = false): Buffer {
  const dict = `{'descr': '${descr}', 'fortran_order': ${isFortranOrder ? 'True' : 'False'}, 'shape': (${shape.join(', ')},), }`;
  const header = Buffer.from(`${dict}${' '.repeat(63 - ((10 + dict.length) % 64))}\n`);
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([start, header, data]);
}

/** The tensor, and how often the reading paused. */
function inSlices(file: Uint8Array): { readonly tensor: Tensor; readonly pauses: number } {
  const steps = decodeNpyInSlices(file, 'x');
  for (let pauses = 0; ; pauses++) {
    const { done, value } = steps.next();
    if (done) return { tensor: value, pauses };
  }
}

const shifted = (bytes: Uint8Array): Uint8Array => Buffer.concat([Buffer.of(0), bytes]).subarray(1);
const numbers = Buffer.alloc(2 * MIB, Buffer.from([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]));
const utf32 = (text: string): Buffer =>
  Buffer.concat(
    Array.from(text, (character) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(character.codePointAt(0)!);
      return bytes;
    }),
  );

describe('decodeNpyInSlices', () => {
  it.each<[string, Buffer, number]>([
    ['numbers at an odd address', fileOf('<f4', [2 * MIB], Buffer.concat([numbers, numbers, numbers, numbers])), 31],
    ['numbers in the other byte order', fileOf('>f4', [MIB / 2], numbers), 7],
    ['booleans over 1', fileOf('|b1', [2 * MIB], Buffer.alloc(2 * MIB, Buffer.from([0, 1, 1, 2]))), 15],
    ['booleans', fileOf('|b1', [2 * MIB], Buffer.alloc(2 * MIB, 1)), 7],
    ['short byte strings', fileOf('|S4', [MIB / 4], Buffer.alloc(MIB, Buffer.from('ab\0\0c\0\0\0'))), 12],
    ['a long byte string', fileOf(`|S${MIB}`, [1], Buffer.alloc(MIB, 'a')), 4],
    ['a byte string of zeros', fileOf(`|S${MIB}`, [1], Buffer.alloc(MIB)), 15],
    ['short texts', fileOf('<U2', [MIB / 8], Buffer.alloc(MIB, utf32('é\0€😀'))), 4],
    ['a long text', fileOf(`<U${MIB / 4}`, [1], Buffer.alloc(MIB, utf32('aé€😀'))), 4],
    ['a text of zeros', fileOf(`<U${MIB / 4}`, [1], Buffer.alloc(MIB)), 4],
    ['Fortran order', fileOf('<f4', [3, MIB / 8], Buffer.alloc((3 * MIB) / 2, numbers), true), 5],
    [
      'Fortran order of strings',
      fileOf('|S4', [MIB / 16, 4], Buffer.alloc(MIB, Buffer.from('abc\0d\0\0\0')), true),
      20,
    ],
    ['objects', Buffer.from(encodeNpy(strings(MIB / 16, 9))), 8],
    ['a long object', Buffer.from(encodeNpy(strings(1, 3 * MIB))), 11],
  ])('pauses within %s', (_name, file, pauses) => {
    const read = inSlices(shifted(file));
    expect(read.pauses).toBeGreaterThanOrEqual(pauses);
    const whole = decodeNpy(file, 'x');
    expect(read.tensor.shape).toEqual(whole.shape);
    if (whole.dtype !== 'string' || read.tensor.dtype !== 'string') {
      expect(Buffer.compare(bytesOf(read.tensor), bytesOf(whole))).toBe(0);
      return;
    }
    expect(Buffer.compare(read.tensor.data.bytes, whole.data.bytes)).toBe(0);
    expect(Buffer.compare(offsetBytes(read.tensor.data), offsetBytes(whole.data))).toBe(0);
  });

  it('reads texts as UTF-8', () => {
    const halves = Buffer.from([0x3d, 0xd8, 0, 0, 0, 0xde, 0, 0, 0x3d, 0xd8, 0, 0, 0, 0xde, 0, 0, 0, 0xde, 0, 0]);
    const { data } = decodeNpy(fileOf('<U5', [2], Buffer.concat([utf32('aé€😀\0'), halves])), 'x');
    expect((data as StringArray).toStrings()).toEqual(['aé€😀', '😀😀\ufffd']);
  });

  it('counts every byte of a boolean but 0 as 1', () => {
    const bytes = Buffer.alloc(MIB).fill(255, MIB - 2);
    const data = tensorFromBytes('bool', [MIB], bytes).data as Uint8Array;
    expect([data[0], data[MIB - 3], data[MIB - 2], data[MIB - 1]]).toEqual([0, 0, 1, 1]);
    expect(bytes[MIB - 1]).toBe(255);
    const plain = Buffer.alloc(8, 1);
    expect(tensorFromBytes('bool', [8], plain).data).toMatchObject({ buffer: plain.buffer });
  });
});

function strings(count: number, length: number): Tensor {
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => i * length);
  return { dtype: 'string', shape: [count], data: new StringArray(Buffer.alloc(count * length, 'abc'), offsets) };
}

function bytesOf({ data }: Tensor): Uint8Array {
  if (data instanceof StringArray) throw new TypeError('strings have no bytes of their own');
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function offsetBytes({ offsets }: StringArray): Uint8Array {
  return new Uint8Array(offsets.buffer, offsets.byteOffset, offsets.byteLength);
}
