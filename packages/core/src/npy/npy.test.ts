import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTensor, dataTypeInfo, StringArray, type Tensor, type TensorDataType } from '../tensor/index.js';
import { decodeNpy, encodeNpy } from './index.js';

interface StoredArray {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  readonly base64?: string;
  readonly strings?: readonly string[];
  /** What NumPy saves. */
  readonly npy: string;
}

const file = new URL('../../../savedmodel/fixtures/saved_model_cli/numpy.json', import.meta.url);
const arrays = JSON.parse(readFileSync(file, 'utf8')) as StoredArray[];
const cases = arrays.map((stored, i) => [`${i}: ${stored.dtype} [${stored.shape}]`, stored] as const);

function toTensor({ dtype, shape, base64 = '', strings }: StoredArray): Tensor {
  if (strings) {
    return createTensor('string', shape, StringArray.from(strings.map((text) => Buffer.from(text, 'base64'))));
  }
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  const { array } = dataTypeInfo(dtype);
  return { dtype, shape, data: new array!(bytes.buffer, 0, bytes.length / array!.BYTES_PER_ELEMENT) } as Tensor;
}

/** A file with this header, which need not be true of its data. */
function npy(descr: string, shape: string, data: Uint8Array, order = 'False', version = 1): Uint8Array {
  const text = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length, 0, 0, 0];
  return Buffer.concat([Buffer.from([0x93, ...Buffer.from('NUMPY'), version, 0, ...length]), Buffer.from(text), data]);
}

const plain = ({ dtype, shape, data }: Tensor): unknown => ({
  dtype,
  shape,
  data: data instanceof StringArray ? data.toStrings() : data,
});

describe('encodeNpy', () => {
  it.each(cases)('writes array %s as NumPy does', (_, stored) => {
    expect(encodeNpy(toTensor(stored)).toString('base64')).toBe(stored.npy);
  });
});

describe('decodeNpy', () => {
  it.each(cases)('reads what NumPy saved of array %s', (_, stored) => {
    const read = decodeNpy(Buffer.from(stored.npy, 'base64'), 'x.npy', { bfloat16: true, exactLength: true });
    expect(plain(read)).toEqual(plain(toTensor(stored)));
  });

  it('shares memory with the file where its address allows it, and only then', () => {
    const bytes = encodeNpy(createTensor('float', [3], Float32Array.of(1, 2, 3)));
    for (const offset of [0, 1, 4]) {
      const moved = new Uint8Array(bytes.length + offset).subarray(offset);
      moved.set(bytes);
      const { data } = decodeNpy(moved, 'x');
      expect(data).toEqual(Float32Array.of(1, 2, 3));
      expect((data as Float32Array).buffer === moved.buffer).toBe(offset !== 1);
    }
  });

  it.each<[string, string, Uint8Array, unknown]>([
    ["'>f4'", '(2,)', Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0), Float32Array.of(1, 2)],
    ["'>i2'", '(1,)', Uint8Array.of(1, 2), Int16Array.of(0x102)],
    ["'>i8'", '()', Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 0), BigInt64Array.of(256n)],
    ["'>c8'", '(1,)', Uint8Array.of(0x3f, 0x80, 0, 0, 0x40, 0, 0, 0), Float32Array.of(1, 2)],
    ["'|b1'", '(3,)', Uint8Array.of(0, 1, 2), Uint8Array.of(0, 1, 1)],
    ["'|S2'", '(2,)', Buffer.from('a\0bc'), ['a', 'bc']],
    ["'<U2'", '(1,)', Buffer.from(Uint32Array.of(0x1f600, 0).buffer), ['😀']],
    ["'>U1'", '(1,)', Uint8Array.of(0, 1, 0xf6, 0), ['😀']],
    ["'<f4'", '(0, 3)', new Uint8Array(0), new Float32Array(0)],
    ["'|S0'", '(0,)', new Uint8Array(0), []],
  ])('reads %s of shape %s', (descr, shape, data, expected) => {
    const { data: read } = decodeNpy(npy(descr, shape, data), 'x');
    expect(read instanceof StringArray ? read.toStrings() : read).toEqual(expected);
  });

  it('reads the newer versions of the format', () => {
    for (const version of [2, 3]) {
      expect(decodeNpy(npy("'|u1'", '(1,)', Uint8Array.of(7), 'False', version), 'x').data).toEqual(Uint8Array.of(7));
    }
  });

  it('puts arrays of Fortran order into row-major order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(4), { maxLength: 4 }),
        fc.constantFrom<TensorDataType>('int32', 'complex64', 'string'),
        (shape, dtype) => {
          const count = shape.reduce((product, size) => product * size, 1);
          /** The row-major number of the element that stands at `at` in Fortran order. */
          const rowMajor = (at: number): number => {
            let [rest, stride, sum] = [at, count, 0];
            for (const size of shape) {
              stride /= size;
              sum += (rest % size) * stride;
              rest = Math.floor(rest / size);
            }
            return sum;
          };
          const numbers = Array.from({ length: count }, (_, at) => rowMajor(at));
          const data = {
            int32: () => Buffer.from(Int32Array.from(numbers).buffer),
            complex64: () => Buffer.from(Float32Array.from(numbers.flatMap((n) => [n, -n])).buffer),
            string: () =>
              Buffer.from(numbers.map((n) => String.fromCharCode(n % 256, (n >> 8) + 1)).join(''), 'latin1'),
          }[dtype as 'int32']();
          const descr = { int32: "'<i4'", complex64: "'<c8'", string: "'|S2'" }[dtype as 'int32'];
          const read = decodeNpy(npy(descr, `(${shape.map((n) => `${n},`).join('')})`, data, 'True'), 'x');
          expect(read.shape).toEqual(shape);
          const first = Array.from({ length: count }, (_, i) =>
            read.data instanceof StringArray
              ? read.data.at(i)[0]! + 256 * (read.data.at(i)[1]! - 1)
              : Number(read.data[dtype === 'complex64' ? 2 * i : i]),
          );
          expect(first).toEqual(Array.from({ length: count }, (_, i) => i));
        },
      ),
    );
  });

  it('reads millions of short strings without an object for each', () => {
    const count = 3_000_000;
    const { data } = decodeNpy(npy("'|S1'", `(${count / 1000}, 1000)`, Buffer.alloc(count, 'ab'), 'True'), 'file');
    const words = data as StringArray;
    expect([words.length, words.byteLength]).toEqual([count, count]);
    expect(Buffer.from(words.bytes.subarray(0, 4)).toString()).toBe('aaaa');
  });

  it.each<[string, Uint8Array, string]>([
    ['other bytes', Buffer.from('{"instances": []}'), 'not a .npy file'],
    ['nothing', new Uint8Array(0), 'not a .npy file'],
    ['a version to come', npy("'<f4'", '()', new Uint8Array(4), 'False', 9), 'version 9 of the format is not known'],
    ['a header cut short', npy("'<f4'", '()', new Uint8Array(0)).subarray(0, 20), 'the header is cut short'],
    ['a magic alone', npy("'<f4'", '()', new Uint8Array(0)).subarray(0, 7), 'the header is cut short'],
    [
      'too long a header',
      npy("'<f4'", '()', new Uint8Array(0)).fill(255, 8, 10),
      'the header has 65535 bytes, more than 10000',
    ],
    ['another header', npy('3', '()', new Uint8Array(0)), 'the header is not understood'],
    ['too little data', npy("'<f4'", '(2,)', new Uint8Array(7)), 'has 7 bytes of data instead of 8'],
    ['too much data', npy("'<f4'", '(2,)', new Uint8Array(9)), 'has 9 bytes of data instead of 8'],
    ['dates', npy("'<M8[s]'", '()', new Uint8Array(8)), "data of type '<M8[s]' can't be a tensor"],
    ['raw data', npy("'|V3'", '()', new Uint8Array(3)), "data of type '|V3' can't be a tensor"],
    ['billions of strings in no bytes', npy("'|S0'", '(2000000000,)', new Uint8Array(0)), 'holds strings of no size'],
    [
      'characters beyond Unicode',
      npy("'<U1'", '()', Uint8Array.of(0, 0, 17, 0)),
      'the number 1114112, which is not a character',
    ],
    [
      'a pickle cut short',
      npy("'|O'", '(1,)', Buffer.from('\x89]\x94\x8e\x05', 'latin1')),
      'pickled objects that are not all',
    ],
    [
      'a pickled string cut short',
      npy("'|O'", '(1,)', Buffer.from('\x89]\x94C\x05ab', 'latin1')),
      'pickled objects that are not all',
    ],
  ])('refuses %s', (_, bytes, message) => {
    const decode = () => decodeNpy(bytes, 'input x', { exactLength: true });
    expect(decode).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(decode).toThrow(`input x: `);
    expect(decode).toThrow(message);
  });

  it.each([
    ['newline', Buffer.from('U\x01\ncx')],
    ['second newline', Buffer.from('U\x01\ncx\ny')],
    ['end', Buffer.from('c')],
  ])('refuses a pickle with a global that has no %s, and ends', (_, pickle) => {
    expect(() => decodeNpy(npy("'|O'", '(1,)', pickle), 'x')).toThrow('pickled objects that are not all bytes or text');
  });

  it('refuses objects that take more bytes together than allowed', () => {
    const again = Buffer.from(']\x94(C\x04abcd\x94h\x01h\x01et', 'latin1');
    const bytes = npy("'|O'", '(3,)', again);
    expect((decodeNpy(bytes, 'x', { maxStringBytes: 12 }).data as StringArray).toStrings()).toEqual([
      'abcd',
      'abcd',
      'abcd',
    ]);
    const decode = () => decodeNpy(bytes, 'x', { maxStringBytes: 11 });
    expect(decode).toThrow('x: holds strings of 12 bytes together, more than 11');
  });

  it('refuses more elements than a tensor holds', () => {
    expect(() => decodeNpy(npy("'<f4'", '(99999999999,)', new Uint8Array(0)), 'x')).toThrow(/fewer than 2\^31/);
  });

  it('refuses damaged files with an error of its own', () => {
    const files = arrays.map((stored) => Buffer.from(stored.npy, 'base64'));
    fc.assert(
      fc.property(fc.nat(files.length - 1), fc.nat(), fc.nat(255), fc.nat(), (which, at, byte, cut) => {
        const bytes = new Uint8Array(files[which]!);
        bytes[at % bytes.length] = byte;
        const damaged = bytes.subarray(0, cut % 2 ? bytes.length : cut % bytes.length);
        try {
          decodeNpy(damaged, 'x');
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
