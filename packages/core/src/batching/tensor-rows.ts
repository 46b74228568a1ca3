/** Joins and cuts tensors along dimension 0, and pads their rows to one shape before. */
import { dataTypeInfo, type NumericArray, type TensorDataMap, type TensorDataType } from '../tensor/data-type.js';
import { StringArray } from '../tensor/string-array.js';
import type { Tensor } from '../tensor/tensor.js';
import { elementCount } from '../tensor/tensor-shape.js';

/** Makes the array that joined values go to; each of its elements is written then. */
export type AllocateArray = (dtype: TensorDataType, length: number) => NumericArray;

const allocateNew: AllocateArray = (dtype, length) => new (dataTypeInfo(dtype).array!)(length);

/** Array elements in one row. */
export function rowLength({ dtype, shape }: Tensor): number {
  let length = dataTypeInfo(dtype).width;
  for (let i = 1; i < shape.length; i++) length *= shape[i]!;
  return length;
}

/**
 * One tensor with the rows of all, in order, and then `paddingRows` copies of the last tensor's first row. The tensors
 * agree in data type and in every dimension but the first; there is at least one. A single one without padding is
 * returned as it is, otherwise all values are copied once.
 */
export function concatRows(tensors: readonly Tensor[], paddingRows = 0, allocate: AllocateArray = allocateNew): Tensor {
  const first = tensors[0]!;
  if (tensors.length === 1 && paddingRows === 0) return first;
  let rows = paddingRows;
  for (let i = 0; i < tensors.length; i++) rows += tensors[i]!.shape[0]!;
  const shape = first.shape.slice();
  shape[0] = rows;
  const length = rowLength(first);
  const data =
    first.dtype === 'string'
      ? concatStrings(tensors, length, paddingRows)
      : concatNumbers(tensors, length, allocate(first.dtype, rows * length));
  return { dtype: first.dtype, shape, data } as Tensor;
}

/** Rows `begin` to `end` (not included), which share their memory with the tensor. */
export function sliceRows(tensor: Tensor, begin: number, end: number): Tensor {
  const { dtype, data } = tensor;
  const shape = tensor.shape.slice();
  shape[0] = end - begin;
  const length = rowLength(tensor);
  return { dtype, shape, data: view(dtype, data, begin * length, (end - begin) * length) } as Tensor;
}

function concatNumbers(tensors: readonly Tensor[], length: number, joined: NumericArray): NumericArray {
  // All have one type, so both signatures of `set` apply.
  const target = joined as Float32Array;
  let offset = 0;
  for (let i = 0; i < tensors.length; i++) {
    const data = tensors[i]!.data as Float32Array;
    target.set(data, offset);
    offset += data.length;
  }
  const paddingRow = tensors[tensors.length - 1]!.data as Float32Array;
  for (; offset < target.length; offset += length) target.set(paddingRow.subarray(0, length), offset);
  return joined;
}

function concatStrings(tensors: readonly Tensor[], length: number, paddingRows: number): StringArray {
  const pieces = tensors.map(({ data }) => data as StringArray);
  for (let i = 0; i < paddingRows; i++) pieces.push((tensors.at(-1)!.data as StringArray).subarray(0, length));
  let count = 0;
  let byteCount = 0;
  for (const piece of pieces) {
    count += piece.length;
    byteCount += piece.byteLength;
  }
  const bytes = new Uint8Array(byteCount);
  const offsets = new Uint32Array(count + 1);
  let index = 0;
  let end = 0;
  for (const { bytes: source, offsets: from } of pieces) {
    const begin = from[0]!;
    bytes.set(source.subarray(begin, from[from.length - 1]), end);
    for (let i = 1; i < from.length; i++) offsets[++index] = end + from[i]! - begin;
    end = offsets[index]!;
  }
  return new StringArray(bytes, offsets);
}

/** Twice as fast as `subarray`, which reads the species first. */
function view(
  dtype: TensorDataType,
  data: TensorDataMap[TensorDataType],
  begin: number,
  length: number,
): TensorDataMap[TensorDataType] {
  if (dtype === 'string') return (data as StringArray).subarray(begin, begin + length);
  const { array } = dataTypeInfo(dtype);
  const { buffer, byteOffset, BYTES_PER_ELEMENT } = data as NumericArray;
  return new array!(buffer, byteOffset + begin * BYTES_PER_ELEMENT, length);
}

/** The largest size of each dimension but the first; `undefined` when all tensors agree. They have one rank. */
export function largestRowShape(tensors: readonly Tensor[]): number[] | undefined {
  const largest = tensors[0]!.shape.slice(1);
  let differ = false;
  for (const { shape } of tensors) {
    for (let i = 0; i < largest.length; i++) {
      const size = shape[i + 1]!;
      if (size === largest[i]) continue;
      differ = true;
      if (size > largest[i]!) largest[i] = size;
    }
  }
  return differ ? largest : undefined;
}

/**
 * The tensor with rows of this shape, each dimension padded at its end with copies of the tensor's own first element, as
 * TensorFlow Serving does. It has at least one element, and no dimension is larger than requested.
 */
export function padRows(tensor: Tensor, rowShape: readonly number[]): Tensor {
  const { dtype, shape, data } = tensor;
  if (rowShape.every((size, i) => size === shape[i + 1])) return tensor;
  const padded = [shape[0]!, ...rowShape];
  const sources = sourceIndices(shape, padded);
  if (dtype === 'string') {
    return { dtype, shape: padded, data: StringArray.from(Array.from(sources, (index) => data.at(index))) };
  }
  const { array, width } = dataTypeInfo(dtype);
  const result: NumericArray = new array!(sources.length * width);
  for (let i = 0; i < sources.length; i++) {
    for (let part = 0; part < width; part++) result[i * width + part] = data[sources[i]! * width + part]!;
  }
  return { dtype, shape: padded, data: result } as Tensor;
}

/** For each element of the padded tensor the element it is a copy of: 0, the first, outside the original. */
function sourceIndices(shape: readonly number[], padded: readonly number[]): Uint32Array {
  const indices = new Uint32Array(elementCount(padded));
  const lastSize = shape.at(-1)!;
  const paddedLastSize = padded.at(-1)!;
  const position = shape.map(() => 0);
  const lines = elementCount(shape) / lastSize;
  for (let line = 0; line < lines; line++) {
    let target = 0;
    for (let i = 0; i < shape.length - 1; i++) target = target * padded[i]! + position[i]!;
    target *= paddedLastSize;
    for (let i = 0; i < lastSize; i++) indices[target + i] = line * lastSize + i;
    for (let i = shape.length - 2; i >= 0; i--) {
      if (++position[i]! < shape[i]!) break;
      position[i] = 0;
    }
  }
  return indices;
}
