/**
 * Tensors as one block of bytes: a table of 32-bit words, little-endian, then the values as they are in memory.
 *
 * ```
 * count, then for each tensor: dtype, rank, offset (low, high), bytes (low, high), elements of a string tensor, dimensions…
 * ```
 *
 * The values of a string tensor are its offsets (from 0), then its bytes.
 */
import { ServingError } from '@serving/core';
import {
  dataTypeFromNumber,
  dataTypeInfo,
  isTensorDataType,
  type NumericArray,
  StringArray,
  type Tensor,
  type TensorDataType,
} from '@serving/core/tensor';

const HIGH_WORD = 2 ** 32;
const WORDS_PER_TENSOR = 7;
const OFFSET_BYTES = 4;

/** Copies bytes to an offset within a block. */
export type WriteBytes = (offset: number, bytes: Uint8Array | NumericArray | Uint32Array) => void;
/** Fills an array with the bytes at an offset within a block. */
export type ReadBytes = (offset: number, into: Uint8Array | NumericArray | Uint32Array) => void;

/** The layout of the block that some tensors need; the same object for one block after the other. */
export class TensorLayout {
  /** Bytes of the whole block. */
  bytes = 0;
  #words: Uint32Array = new Uint32Array(64);
  #wordCount = 0;

  /** Lays tensors out, with each one's values at a multiple of `alignment`. */
  place(tensors: readonly Tensor[], alignment: number): void {
    let count = 1;
    for (let i = 0; i < tensors.length; i++) count += WORDS_PER_TENSOR + tensors[i]!.shape.length;
    if (this.#words.length < count) this.#words = new Uint32Array(2 * count);
    const words = this.#words;
    words[0] = tensors.length;
    let word = 1;
    let end = count * 4;
    for (let i = 0; i < tensors.length; i++) {
      const { dtype, shape, data } = tensors[i]!;
      const isString = 'offsets' in data;
      const bytes = isString ? data.offsets.length * OFFSET_BYTES + data.byteLength : data.byteLength;
      const offset = Math.ceil(end / alignment) * alignment;
      words[word] = dataTypeInfo(dtype).number;
      words[word + 1] = shape.length;
      words[word + 2] = offset % HIGH_WORD;
      words[word + 3] = offset / HIGH_WORD;
      words[word + 4] = bytes % HIGH_WORD;
      words[word + 5] = bytes / HIGH_WORD;
      words[word + 6] = isString ? data.length : 0;
      word += WORDS_PER_TENSOR;
      for (let axis = 0; axis < shape.length; axis++) words[word++] = shape[axis]!;
      end = offset + bytes;
    }
    this.#wordCount = count;
    this.bytes = end;
  }

  /** Words of the table at its beginning. */
  get tableWords(): number {
    return this.#wordCount;
  }

  /** Writes the tensors that were placed last. */
  write(tensors: readonly Tensor[], write: WriteBytes): void {
    const words = this.#words;
    write(0, words.subarray(0, this.#wordCount));
    let word = 1;
    for (let i = 0; i < tensors.length; i++) {
      const { data } = tensors[i]!;
      const offset = words[word + 2]! + words[word + 3]! * HIGH_WORD;
      if ('offsets' in data) writeStrings(offset, data, write);
      else if (data.byteLength > 0) write(offset, data);
      word += WORDS_PER_TENSOR + words[word + 1]!;
    }
  }
}

function writeStrings(offset: number, { bytes, offsets }: StringArray, write: WriteBytes): void {
  const first = offsets[0]!;
  write(offset, first === 0 ? offsets : offsets.map((end) => end - first));
  const last = offsets[offsets.length - 1]!;
  if (last > first) write(offset + offsets.length * OFFSET_BYTES, bytes.subarray(first, last));
}

/** Returns the values of a tensor: a copy, or a view of the block where the reader has one. */
export type MakeArray = (dtype: TensorDataType, offset: number, elements: number) => NumericArray;

/**
 * Reads the tensors of a block. Whatever the other process has written, nothing outside of the block is read.
 *
 * @param words the table, or the block from its beginning
 * @param blockBytes the size of the whole block
 * @throws ServingError `INTERNAL` for a table that no {@link TensorLayout} has written.
 */
export function readTensors(words: Uint32Array, blockBytes: number, read: ReadBytes, makeArray: MakeArray): Tensor[] {
  const tensors: Tensor[] = [];
  const count = words[0] ?? 0;
  let word = 1;
  for (let i = 0; i < count; i++) {
    const rank = words[word + 1] ?? 0;
    const after = word + WORDS_PER_TENSOR + rank;
    if (after > words.length) throw unreadable();
    const dtype = dataTypeFromNumber(words[word]!);
    if (dtype === undefined || !isTensorDataType(dtype)) throw unreadable();
    const offset = words[word + 2]! + words[word + 3]! * HIGH_WORD;
    const bytes = words[word + 4]! + words[word + 5]! * HIGH_WORD;
    if (offset + bytes > blockBytes) throw unreadable();
    const shape: number[] = [];
    let elements = 1;
    for (let at = word + WORDS_PER_TENSOR; at < after; at++) {
      shape.push(words[at]!);
      elements *= words[at]!;
    }
    if (dtype === 'string') {
      if (words[word + 6] !== elements) throw unreadable();
      tensors.push({ dtype, shape, data: readStrings(offset, bytes, elements, read) });
    } else {
      const { array, width } = dataTypeInfo(dtype);
      elements *= width;
      if (elements * array!.BYTES_PER_ELEMENT !== bytes) throw unreadable();
      tensors.push({ dtype, shape, data: makeArray(dtype, offset, elements) } as Tensor);
    }
    word = after;
  }
  return tensors;
}

function readStrings(offset: number, bytes: number, count: number, read: ReadBytes): StringArray {
  if (bytes < (count + 1) * OFFSET_BYTES) throw unreadable();
  const offsets = new Uint32Array(count + 1);
  read(offset, offsets);
  const text = new Uint8Array(bytes - offsets.byteLength);
  let last = 0;
  for (let i = 0; i <= count; i++) {
    if (offsets[i]! < last || offsets[i]! > text.length) throw unreadable();
    last = offsets[i]!;
  }
  if (text.length > 0) read(offset + offsets.byteLength, text);
  return new StringArray(text, offsets);
}

/** The error of a block that the other process can't have written. */
export function unreadable(): ServingError {
  return new ServingError('INTERNAL', "A message of the model's process has tensors that can't be read");
}
