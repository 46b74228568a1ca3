/** Elements of tensors of any dtype, copied to other places. */
import { dataTypeInfo, elementCount, StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';

/** The elements of `tensor` at these positions in order, as a tensor of `shape`. A negative position is a zero or an empty string. */
export function takeElements(tensor: Tensor, shape: readonly number[], positions: Int32Array): Tensor {
  if (tensor.dtype === 'string') return { dtype: 'string', shape, data: takeStrings(tensor.data, positions) };
  const { array, width } = dataTypeInfo(tensor.dtype);
  const from = tensor.data as Float64Array;
  const data = new array!(positions.length * width) as Float64Array;
  if (width === 1) {
    for (let i = 0; i < positions.length; i++) if (positions[i]! >= 0) data[i] = from[positions[i]!]!;
  } else {
    for (let i = 0; i < positions.length; i++) {
      if (positions[i]! < 0) continue;
      data[2 * i] = from[2 * positions[i]!]!;
      data[2 * i + 1] = from[2 * positions[i]! + 1]!;
    }
  }
  return { dtype: tensor.dtype, shape, data } as unknown as Tensor;
}

function takeStrings({ bytes, offsets }: StringArray, positions: Int32Array): StringArray {
  const ends = new Uint32Array(positions.length + 1);
  let end = 0;
  for (let i = 0; i < positions.length; i++) {
    const at = positions[i]!;
    if (at >= 0) end += offsets[at + 1]! - offsets[at]!;
    ends[i + 1] = end;
  }
  const taken = new Uint8Array(end);
  for (let i = 0; i < positions.length; i++) {
    const at = positions[i]!;
    if (at >= 0) taken.set(bytes.subarray(offsets[at], offsets[at + 1]), ends[i]);
  }
  return new StringArray(taken, ends);
}

/** The elements of all tensors one after the other, as a vector. All have the first one's dtype. */
export function concatElements(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 1) return withShape(tensors[0]!, [countOf(tensors[0]!)]);
  const { dtype } = tensors[0]!;
  if (dtype === 'string') {
    const data = concatStrings(tensors.map((tensor) => tensor.data as StringArray));
    return { dtype, shape: [data.length], data };
  }
  const { array, width } = dataTypeInfo(dtype);
  const length = tensors.reduce((sum, tensor) => sum + tensor.data.length, 0);
  const data = new array!(length);
  let at = 0;
  for (const tensor of tensors) {
    data.set(tensor.data as never, at);
    at += tensor.data.length;
  }
  return { dtype, shape: [length / width], data } as unknown as Tensor;
}

function concatStrings(arrays: readonly StringArray[]): StringArray {
  const offsets = new Uint32Array(arrays.reduce((sum, array) => sum + array.length, 0) + 1);
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0));
  let at = 0;
  let end = 0;
  for (const array of arrays) {
    const first = array.offsets[0]!;
    bytes.set(array.bytes.subarray(first, array.offsets[array.length]!), end);
    for (let i = 1; i <= array.length; i++) offsets[++at] = end + array.offsets[i]! - first;
    end += array.byteLength;
  }
  return new StringArray(bytes, offsets);
}

/** The same elements under another shape of as many. */
export function withShape(tensor: Tensor, shape: readonly number[]): Tensor {
  return { ...tensor, shape };
}

/** How many elements a tensor has. */
export function countOf(tensor: Tensor): number {
  return tensor.data.length / dataTypeInfo(tensor.dtype).width;
}

/** A tensor of zeros, false or empty strings. */
export function zeros(dtype: TensorDataType, shape: readonly number[]): Tensor {
  const count = elementCount(shape);
  if (dtype === 'string') return { dtype, shape, data: new StringArray(new Uint8Array(0), new Uint32Array(count + 1)) };
  const { array, width } = dataTypeInfo(dtype);
  return { dtype, shape, data: new array!(count * width) } as unknown as Tensor;
}
