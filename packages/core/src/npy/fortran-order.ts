/** Arrays in which the first dimension varies fastest. */
import { dataTypeInfo, type NumericArray, StringArray, type Tensor } from '../tensor/index.js';

/** The same values with the last dimension varying fastest, in memory of their own. Yields after each 64k elements. */
export function* fromFortranOrder({ dtype, shape, data }: Tensor): Generator<void, Tensor> {
  if (data instanceof StringArray) return { dtype: 'string', shape, data: yield* reorderedStrings(shape, data) };
  const { array: ArrayType, width } = dataTypeInfo(dtype);
  const reordered = new ArrayType!(data.length);
  yield* forEachRow(shape, (source, stride, count, target) => {
    if (width === 1) copyStrided(data, source, stride, count, reordered, target);
    else copyParts(data, source, stride, count, reordered, target, width);
    return count;
  });
  return { dtype, shape, data: reordered } as Tensor;
}

/** Without an object per string, which would be many times as large. */
function* reorderedStrings(shape: readonly number[], { bytes, offsets }: StringArray): Generator<void, StringArray> {
  const newOffsets = new Uint32Array(offsets.length);
  const newBytes = new Uint8Array(offsets[offsets.length - 1]! - offsets[0]!);
  let end = 0;
  yield* forEachRow(shape, (source, stride, count, target) => {
    const before = end;
    for (let i = 0, from = source; i < count; i++, from += stride) {
      const string = bytes.subarray(offsets[from], offsets[from + 1]);
      newBytes.set(string, end);
      end += string.length;
      newOffsets[target + i + 1] = end;
    }
    return 8 * count + (end - before) / 4;
  });
  return new StringArray(newBytes, newOffsets);
}

function copyStrided(
  data: NumericArray,
  source: number,
  stride: number,
  count: number,
  into: NumericArray,
  target: number,
): void {
  for (let i = 0; i < count; i++) into[target + i] = data[source + i * stride]!;
}

/** Of elements that are several numbers each. */
function copyParts(
  data: NumericArray,
  source: number,
  stride: number,
  count: number,
  into: NumericArray,
  target: number,
  width: number,
): void {
  for (let i = 0; i < count; i++) {
    const from = (source + i * stride) * width;
    for (let part = 0; part < width; part++) into[(target + i) * width + part] = data[from + part]!;
  }
}

/** Elements that are copied before the event loop may turn. */
const SLICE_ELEMENTS = 64 * 1024;
const PART_ELEMENTS = 4096;

/**
 * Calls `copy` for each part of an innermost list of the row-major array: where its elements stand in the other array (the first and
 * the distance between two), how many they are, and where they go. It returns what that has cost, in elements.
 */
function* forEachRow(
  shape: readonly number[],
  copy: (source: number, stride: number, count: number, target: number) => number,
): Generator<void, void> {
  const strides: number[] = [];
  let total = 1;
  for (const size of shape) {
    strides.push(total);
    total *= size;
  }
  const last = shape.length - 1;
  const count = shape[last]!;
  const stride = strides[last]!;
  const index = shape.map(() => 0);
  let source = 0;
  let left = SLICE_ELEMENTS;
  for (let target = 0; target < total; target += count) {
    for (let from = 0; from < count; from += PART_ELEMENTS) {
      left -= copy(source + from * stride, stride, Math.min(PART_ELEMENTS, count - from), target + from) + 1;
      if (left > 0) continue;
      yield;
      left = SLICE_ELEMENTS;
    }
    for (let axis = last - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
