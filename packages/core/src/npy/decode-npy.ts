/** NumPy's `.npy` files → tensors. */
import { elementCount, StringArray, type Tensor, tensorFromBytes } from '../tensor/index.js';
import { fromFortranOrder } from './fortran-order.js';
import { type DataDescription, parseDescription } from './npy-dtype.js';
import { npyError } from './npy-error.js';
import { NPY_MAGIC, type NpyHeader, readNpyHeader } from './npy-header.js';
import { decodePickledStrings } from './pickled-strings.js';

/** How a file is read. */
export interface DecodeNpyOptions {
  /** Read raw data of two bytes (`V2`) as bfloat16, which NumPy stores in this form. Default false: it is refused. */
  readonly bfloat16?: boolean;
  /** Refuse bytes behind the array. Default false: they are ignored, as by `numpy.load`. */
  readonly exactLength?: boolean;
  /**
   * Bytes that objects may take together: a file can name one string any number of times, in two bytes each. Default 2³¹ − 1.
   */
  readonly maxStringBytes?: number;
}

/**
 * Reads numbers of either byte order and of C or Fortran order, byte strings (`S`, without the zeros at their ends),
 * text (`U`, as UTF-8), and objects that are all bytes or text; nothing of a pickle is executed. The tensor may be a view of
 * `bytes`, which must not change then.
 *
 * @param source what errors begin with, such as the file's path.
 * @throws ServingError `INVALID_ARGUMENT` for a file that is no `.npy`, is cut short, or holds another type of data.
 */
export function decodeNpy(bytes: Uint8Array, source: string, options: DecodeNpyOptions = {}): Tensor {
  if (NPY_MAGIC.some((byte, i) => bytes[i] !== byte)) throw npyError(source, 'not a .npy file');
  const header = readNpyHeader(bytes, source);
  const description = parseDescription(header.description, options.bfloat16 ?? false);
  if (!description) throw npyError(source, `data of type ${header.description} can't be a tensor`);
  const tensor = decodeValues(bytes.subarray(header.dataOffset), header, description, { ...options, source });
  return header.isFortranOrder && header.shape.length > 1 ? fromFortranOrder(tensor) : tensor;
}

interface Context extends DecodeNpyOptions {
  readonly source: string;
}

function decodeValues(data: Uint8Array, { shape }: NpyHeader, description: DataDescription, context: Context): Tensor {
  const count = elementCount(shape);
  switch (description.kind) {
    case 'number': {
      const content = exactly(data, count * description.size, context);
      const { dtype, wordSize } = description;
      return tensorFromBytes(dtype, shape, description.isBigEndian ? swapped(content, wordSize) : content);
    }
    case 'string': {
      const { size, isText } = description;
      // NumPy writes no such files; so few bytes must not become billions of strings.
      if (size === 0 && count > 0) throw npyError(context.source, 'holds strings of no size');
      const content = exactly(data, count * size, context);
      const words = isText && description.isBigEndian ? swapped(content, 4) : content;
      const strings = isText ? textsOf(words, count, size, context) : byteStringsOf(words, count, size);
      return { dtype: 'string', shape, data: strings };
    }
    case 'objects': {
      const strings = decodePickledStrings(data);
      if (strings?.length !== count) {
        throw npyError(context.source, 'holds pickled objects that are not all bytes or text');
      }
      checkStringBytes(strings, context);
      return { dtype: 'string', shape, data: StringArray.from(strings) };
    }
  }
}

function exactly(data: Uint8Array, length: number, { source, exactLength }: Context): Uint8Array {
  if (data.length < length || (exactLength && data.length > length)) {
    throw npyError(source, `has ${data.length} bytes of data instead of ${length}`);
  }
  return data.subarray(0, length);
}

function checkStringBytes(strings: readonly Uint8Array[], { source, maxStringBytes = 2 ** 31 - 1 }: Context): void {
  let total = 0;
  for (const { length } of strings) total += length;
  if (total > maxStringBytes) {
    throw npyError(source, `holds strings of ${total} bytes together, more than ${maxStringBytes}`);
  }
}

/** A copy in the other byte order. */
function swapped(content: Uint8Array, wordSize: number): Uint8Array {
  const copy = Buffer.from(new Uint8Array(content).buffer);
  if (wordSize === 2) return copy.swap16();
  if (wordSize === 4) return copy.swap32();
  return wordSize === 8 ? copy.swap64() : copy;
}

/** Byte strings without the zeros at their ends, and without an object each, which would be many times as large. */
function byteStringsOf(words: Uint8Array, count: number, size: number): StringArray {
  const bytes = new Uint8Array(words.length);
  const offsets = new Uint32Array(count + 1);
  let to = 0;
  for (let i = 0; i < count; i++) {
    const start = i * size;
    let end = start + size;
    while (end > start && words[end - 1] === 0) end--;
    for (let at = start; at < end; at++) bytes[to++] = words[at]!;
    offsets[i + 1] = to;
  }
  return new StringArray(bytes.subarray(0, to), offsets);
}

const encoder = new TextEncoder();

/** Texts as UTF-8, which takes no more bytes than UTF-32. */
function textsOf(words: Uint8Array, count: number, size: number, context: Context): StringArray {
  const bytes = new Uint8Array(words.length);
  const offsets = new Uint32Array(count + 1);
  let to = 0;
  for (let i = 0; i < count; i++) {
    const text = utf32ToText(words.subarray(i * size, (i + 1) * size), context);
    to += encoder.encodeInto(text, bytes.subarray(to)).written;
    offsets[i + 1] = to;
  }
  return new StringArray(bytes.subarray(0, to), offsets);
}

function utf32ToText(bytes: Uint8Array, { source }: Context): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let end = bytes.length;
  while (end > 0 && view.getUint32(end - 4, true) === 0) end -= 4;
  let text = '';
  for (let at = 0; at < end; at += 4) {
    const code = view.getUint32(at, true);
    if (code > MAX_CODE_POINT) throw npyError(source, `holds text with the number ${code}, which is no character`);
    text += String.fromCodePoint(code);
  }
  return text;
}

const MAX_CODE_POINT = 0x10ffff;
