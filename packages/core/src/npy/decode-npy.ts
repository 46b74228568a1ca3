/** NumPy's `.npy` files → tensors. */
import { dataTypeInfo, elementCount, type NumericArray, StringArray, type Tensor } from '@serving/core/tensor';
import { quantizedTypeOf, tensorTypeOf } from './npy-dtype.js';
import { npyError } from './npy-error.js';
import { decodePickledStrings } from './pickled-strings.js';

/** How every file begins. */
export const NPY_MAGIC: Uint8Array = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);

interface Header {
  /** As in the file: `'<f4'` in quotes, or a structure. */
  readonly description: string;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

/**
 * Reads numbers of either byte order and of C or Fortran order, byte strings (`S`, without the zeros at their ends),
 * text (`U`, as UTF-8), and objects that are all bytes or text. The tensor shares no memory with `bytes`.
 *
 * @param path named in the error.
 * @throws ServingError `INVALID_ARGUMENT` for a file that is no `.npy`, is cut short, or holds another type of data.
 */
export function decodeNpy(bytes: Uint8Array, path: string): Tensor {
  const header = readHeader(bytes, path);
  const tensor = decodeValues(bytes.subarray(header.dataOffset), header, path);
  return header.isFortranOrder && header.shape.length > 1 ? fromFortranOrder(tensor) : tensor;
}

function readHeader(bytes: Uint8Array, path: string): Header {
  if (NPY_MAGIC.some((byte, i) => bytes[i] !== byte)) throw npyError(path, 'not a .npy file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  if (bytes.length < start) throw npyError(path, 'the header is cut short');
  const dataOffset = start + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < dataOffset) throw npyError(path, 'the header is cut short');
  const text = Buffer.from(bytes.subarray(start, dataOffset)).toString(bytes[6]! >= 3 ? 'utf8' : 'latin1');
  const description = /'descr':\s*('[^']*'|\[.*?\])\s*,\s*'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([0-9,\sL]*)\)/.exec(text)?.[1];
  if (description === undefined || order === undefined || shape === undefined) {
    throw npyError(path, `the header is not understood: ${text.trim()}`);
  }
  return {
    description,
    isFortranOrder: order === 'True',
    shape: (shape.match(/\d+/g) ?? []).map(Number),
    dataOffset,
  };
}

function decodeValues(data: Uint8Array, { description, shape }: Header, path: string): Tensor {
  const quantized = quantizedTypeOf(description);
  const [, order = '|', name = '', kind = '', sizeText = '0'] = /^'([<>|=])?((\w)(\d*))'$/.exec(description) ?? [];
  const dtype = quantized ?? tensorTypeOf(name);
  const count = elementCount(shape);
  if (dtype !== undefined && dtype !== 'string') {
    const { array: ArrayType, width } = dataTypeInfo(dtype);
    const length = count * width;
    const content = exactly(data, length * ArrayType!.BYTES_PER_ELEMENT, path);
    if (order === '>') swapBytes(content, ArrayType!.BYTES_PER_ELEMENT);
    return { dtype, shape, data: new ArrayType!(content.buffer, 0, length) } as Tensor;
  }
  if (kind === 'S' || kind === 'U') {
    const size = Number(sizeText) * (kind === 'U' ? 4 : 1);
    const content = exactly(data, count * size, path);
    if (kind === 'U' && order === '>') swapBytes(content, 4);
    const decode = kind === 'S' ? withoutZeros : utf32ToUtf8;
    const strings = Array.from({ length: count }, (_, i) => decode(content.subarray(i * size, (i + 1) * size)));
    return { dtype: 'string', shape, data: StringArray.from(strings) };
  }
  if (kind === 'O') {
    const strings = decodePickledStrings(data);
    if (strings?.length === count) return { dtype: 'string', shape, data: StringArray.from(strings) };
    throw npyError(path, 'holds pickled objects that are not all bytes or text');
  }
  throw npyError(path, `data of type ${description} can't be a tensor`);
}

/** A copy of the first bytes. */
function exactly(data: Uint8Array, length: number, path: string): Uint8Array {
  if (data.length < length) throw npyError(path, `has ${data.length} bytes of data instead of ${length}`);
  return new Uint8Array(data.subarray(0, length));
}

function swapBytes(content: Uint8Array, size: number): void {
  for (let i = 0; i < content.length; i += size) content.subarray(i, i + size).reverse();
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

function utf32ToUtf8(bytes: Uint8Array): string {
  const codes = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return String.fromCodePoint(...codes).replace(/\0+$/, '');
}

/** The same values with the last dimension varying fastest. */
function fromFortranOrder(tensor: Tensor): Tensor {
  const { dtype, shape, data } = tensor;
  const count = elementCount(shape);
  const sources = new Array<number>(count);
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  for (let i = 0; i < count; i++) {
    sources[i] = index.reduce((sum, at, axis) => sum + at * strides[axis]!, 0);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis]! === shape[axis]; axis--) index[axis] = 0;
  }
  if (data instanceof StringArray) {
    return { dtype: 'string', shape, data: StringArray.from(sources.map((source) => data.at(source))) };
  }
  const { array: ArrayType, width } = dataTypeInfo(dtype);
  const reordered: NumericArray = new ArrayType!(count * width);
  for (let i = 0; i < count; i++) {
    for (let part = 0; part < width; part++) reordered[i * width + part] = data[sources[i]! * width + part] as never;
  }
  return { dtype, shape, data: reordered } as Tensor;
}
