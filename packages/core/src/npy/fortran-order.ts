/** Arrays in which the first dimension varies fastest. */
import { dataTypeInfo, type NumericArray, StringArray, type Tensor } from '../tensor/index.js';

/** The same values with the last dimension varying fastest, in memory of their own. */
export function fromFortranOrder({ dtype, shape, data }: Tensor): Tensor {
  if (data instanceof StringArray) return { dtype: 'string', shape, data: reorderedStrings(shape, data) };
  const { array: ArrayType, width } = dataTypeInfo(dtype);
  const reordered = new ArrayType!(data.length);
  forEachRow(shape, (source, stride, count, target) => {
    if (width === 1) copyStrided(data, source, stride, count, reordered, target);
    else copyParts(data, source, stride, count, reordered, target, width);
  });
  return { dtype, shape, data: reordered } as Tensor;
}

/** Without an object per string, which would be many times as large. */
function reorderedStrings(shape: readonly number[], { bytes, offsets }: StringArray): StringArray {
  const newOffsets = new Uint32Array(offsets.length);
  const newBytes = new Uint8Array(offsets[offsets.length - 1]! - offsets[0]!);
  let end = 0;
  forEachRow(shape, (source, stride, count, target) => {
    for (let i = 0, from = source; i < count; i++, from += stride) {
      for (let at = offsets[from]!; at < offsets[from + 1]!; at++) newBytes[end++] = bytes[at]!;
      newOffsets[target + i + 1] = end;
    }
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

/**
 * Calls `copy` for each innermost list of the row-major array: where its elements stand in the other array (the first and the
 * distance between two), how many they are, and where they go.
 */
function forEachRow(
  shape: readonly number[],
  copy: (source: number, stride: number, count: number, target: number) => void,
): void {
  const strides: number[] = [];
  let total = 1;
  for (const size of shape) {
    strides.push(total);
    total *= size;
  }
  const last = shape.length - 1;
  const count = shape[last]!;
  const index = shape.map(() => 0);
  let source = 0;
  for (let target = 0; target < total; target += count) {
    copy(source, strides[last]!, count, target);
    for (let axis = last - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}
