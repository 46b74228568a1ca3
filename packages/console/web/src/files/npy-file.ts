/** Arrays of `.npy` files, as `numpy.save` writes them. */
import { type DataType, dataTypeOf } from '../tensors/data-type.js';
import { textOrBytes, valuesOfBytes } from '../tensors/element-bytes.js';
import { type Scalar, sizeOf, type Tensor } from '../tensors/tensor.js';
import { ValueError } from '../tensors/value-error.js';

const TYPES: Readonly<Record<string, string>> = {
  f2: 'half',
  f4: 'float',
  f8: 'double',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
  V2: 'bfloat16',
};

interface NpyHeader {
  readonly descr: string;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

/** Reads both byte orders, Fortran order, and arrays of bytes or text. */
export function readNpyFile(file: Uint8Array): Tensor {
  const { descr, isFortran, shape, dataOffset } = headerOf(file);
  const size = sizeOf(shape);
  const data = file.slice(dataOffset);
  const text = /^([<>|=])([SU])(\d+)$/.exec(descr);
  const { dtype, values } = text
    ? { dtype: dataTypeOf('DT_STRING'), values: stringsOf(data, text[2] as 'S' | 'U', Number(text[3]), size) }
    : numbersOf(data, descr, size);
  return { dtype, shape, values: isFortran ? inRowMajorOrder(values, shape) : values };
}

function headerOf(file: Uint8Array): NpyHeader {
  if (String.fromCharCode(...file.subarray(0, 6)) !== '\x93NUMPY') throw new ValueError('The file is not a .npy file.');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const isLong = (file[6] ?? 1) >= 2;
  const start = isLong ? 12 : 10;
  const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder().decode(file.subarray(start, start + length));
  const descr = /'descr'\s*:\s*'([^']+)'/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descr === undefined || shape === undefined) {
    throw new ValueError('The .npy file holds records or objects; only plain arrays are supported.');
  }
  return {
    descr,
    isFortran: /'fortran_order'\s*:\s*True/.test(header),
    shape: shape
      .split(',')
      .filter((size) => size.trim() !== '')
      .map(Number),
    dataOffset: start + length,
  };
}

function numbersOf(data: Uint8Array, descr: string, size: number): { dtype: DataType; values: Scalar[] } {
  const name = TYPES[descr.slice(1)];
  if (name === undefined) throw new ValueError(`Arrays of NumPy type "${descr}" are not supported.`);
  const dtype = dataTypeOf(name);
  checkLength(data, size * dtype.bytes);
  if (descr.startsWith('>')) {
    for (let at = 0; at < data.length; at += dtype.bytes) data.subarray(at, at + dtype.bytes).reverse();
  }
  return { dtype, values: valuesOfBytes(data.subarray(0, size * dtype.bytes), dtype) };
}

function stringsOf(data: Uint8Array, kind: 'S' | 'U', width: number, size: number): Scalar[] {
  const bytes = kind === 'U' ? width * 4 : width;
  checkLength(data, bytes * size);
  return Array.from({ length: size }, (_, i) => {
    const element = data.subarray(i * bytes, (i + 1) * bytes);
    if (kind === 'S') return textOrBytes(element.subarray(0, element.findLastIndex((byte) => byte !== 0) + 1));
    const view = new DataView(element.buffer, element.byteOffset, element.byteLength);
    const points = Array.from({ length: width }, (__, j) => view.getUint32(j * 4, true));
    return String.fromCodePoint(...points).replace(/\0+$/, '');
  });
}

function checkLength(data: Uint8Array, expected: number): void {
  if (data.length < expected)
    throw new ValueError(`The .npy file ends early: ${data.length} of ${expected} bytes are there.`);
}

function inRowMajorOrder(values: readonly Scalar[], shape: readonly number[]): Scalar[] {
  const strides = shape.map((_, i) => sizeOf(shape.slice(0, i)));
  const index = shape.map(() => 0);
  return values.map(() => {
    const value = values[index.reduce((sum, position, i) => sum + position * (strides[i] ?? 0), 0)] as Scalar;
    for (let i = shape.length - 1; i >= 0; i--) {
      index[i] = ((index[i] ?? 0) + 1) % (shape[i] ?? 1);
      if (index[i] !== 0) break;
    }
    return value;
  });
}
