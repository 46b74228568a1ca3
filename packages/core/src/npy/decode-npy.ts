/** NumPy's `.npy` files → tensors. */
import { elementCount, StringArray, type Tensor } from '../tensor/index.js';
import { COPY_SLICE_BYTES, copyInSlices, tensorFromBytesInSlices } from '../tensor/tensor-bytes.js';
import { fromFortranOrder } from './fortran-order.js';
import { type DataDescription, parseDescription } from './npy-dtype.js';
import { npyError } from './npy-error.js';
import { NPY_MAGIC, type NpyHeader, readNpyHeader } from './npy-header.js';
import { decodePickledStrings } from './pickled-strings.js';
import { textsOf } from './utf32-texts.js';

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
  const steps = decodeNpyInSlices(bytes, source, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** As {@link decodeNpy}, yielding after each 256 KiB or 64k elements at most, so that the event loop may turn. */
export function* decodeNpyInSlices(
  bytes: Uint8Array,
  source: string,
  options: DecodeNpyOptions = {},
): Generator<void, Tensor> {
  if (NPY_MAGIC.some((byte, i) => bytes[i] !== byte)) throw npyError(source, 'not a .npy file');
  const header = readNpyHeader(bytes, source);
  const description = parseDescription(header.description, options.bfloat16 ?? false);
  if (!description) throw npyError(source, `data of type ${header.description} can't be a tensor`);
  const tensor = yield* decodeValues(bytes.subarray(header.dataOffset), header, description, { ...options, source });
  return header.isFortranOrder && header.shape.length > 1 ? yield* fromFortranOrder(tensor) : tensor;
}

interface Context extends DecodeNpyOptions {
  readonly source: string;
}

function* decodeValues(
  data: Uint8Array,
  { shape }: NpyHeader,
  description: DataDescription,
  context: Context,
): Generator<void, Tensor> {
  const count = elementCount(shape);
  switch (description.kind) {
    case 'number': {
      const content = exactly(data, count * description.size, context);
      const { dtype, wordSize } = description;
      const values = description.isBigEndian ? yield* swapped(content, wordSize) : content;
      return yield* tensorFromBytesInSlices(dtype, shape, values);
    }
    case 'string': {
      const { size, isText } = description;
      // NumPy writes no such files; so few bytes must not become billions of strings.
      if (size === 0 && count > 0) throw npyError(context.source, 'holds strings of no size');
      const content = exactly(data, count * size, context);
      if (!isText) return { dtype: 'string', shape, data: yield* byteStringsOf(content, count, size) };
      const words = description.isBigEndian ? yield* swapped(content, 4) : content;
      const isAligned = words.byteOffset % 4 === 0;
      const strings = yield* textsOf(isAligned ? words : yield* copyInSlices(words), count, size / 4, context.source);
      return { dtype: 'string', shape, data: strings };
    }
    case 'objects': {
      const strings = yield* decodePickledStrings(data);
      if (strings?.length !== count) {
        throw npyError(context.source, 'holds pickled objects that are not all bytes or text');
      }
      checkStringBytes(strings, context);
      return { dtype: 'string', shape, data: yield* joined(strings) };
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
function* swapped(content: Uint8Array, wordSize: number): Generator<void, Uint8Array> {
  const copy = Buffer.from(new ArrayBuffer(content.length));
  for (let from = 0; from < content.length; from += COPY_SLICE_BYTES) {
    if (from > 0) yield;
    const part = copy.subarray(from, from + COPY_SLICE_BYTES);
    part.set(content.subarray(from, from + COPY_SLICE_BYTES));
    if (wordSize === 2) part.swap16();
    else if (wordSize === 4) part.swap32();
    else if (wordSize === 8) part.swap64();
  }
  return copy;
}

/** Byte strings without the zeros at their ends, and without an object each, which would be many times as large. */
function* byteStringsOf(words: Uint8Array, count: number, size: number): Generator<void, StringArray> {
  const bytes = new Uint8Array(words.length);
  const offsets = new Uint32Array(count + 1);
  let to = 0;
  let left = STRING_SLICE;
  for (let i = 0; i < count; i++) {
    const start = i * size;
    let end = start + size;
    while (end > start && words[end - 1] === 0) {
      end--;
      if (--left < 0) {
        yield;
        left = STRING_SLICE;
      }
    }
    for (let from = start; from < end; from += COPY_SLICE_BYTES) {
      const part = Math.min(end, from + COPY_SLICE_BYTES);
      if (part - from > SHORT) bytes.set(words.subarray(from, part), to);
      else for (let at = from; at < part; at++) bytes[to + at - from] = words[at]!;
      to += part - from;
      left -= part - from + 1;
      if (left < 0) {
        yield;
        left = STRING_SLICE;
      }
    }
    offsets[i + 1] = to;
  }
  return new StringArray(bytes.subarray(0, to), offsets);
}

/** Byte strings in one buffer. */
function* joined(strings: readonly Uint8Array[]): Generator<void, StringArray> {
  const offsets = new Uint32Array(strings.length + 1);
  for (let i = 0; i < strings.length; i++) {
    offsets[i + 1] = offsets[i]! + strings[i]!.length;
    if (i % STRING_SLICE === STRING_SLICE - 1) yield;
  }
  const bytes = new Uint8Array(offsets[strings.length]!);
  let left = COPY_SLICE_BYTES;
  for (let i = 0; i < strings.length; i++) {
    const string = strings[i]!;
    for (let from = 0; from < string.length; from += COPY_SLICE_BYTES) {
      const part = string.subarray(from, from + COPY_SLICE_BYTES);
      bytes.set(part, offsets[i]! + from);
      left -= part.length + STRING_COST;
      if (left < 0) {
        yield;
        left = COPY_SLICE_BYTES;
      }
    }
  }
  return new StringArray(bytes, offsets);
}

/** Bytes that are read one by one before the loop turns, or short strings that are copied. */
const STRING_SLICE = 64 * 1024;
/** What a string costs beside its bytes. */
const STRING_COST = 64;
/** Below this many bytes a loop copies faster than a call of `set`. */
const SHORT = 48;
