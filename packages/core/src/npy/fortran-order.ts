/** Arrays in which the first dimension varies fastest. */
import { dataTypeInfo, elementCount, StringArray, type Tensor } from '../tensor/index.js';

/** The same values with the last dimension varying fastest, in memory of their own. */
export function fromFortranOrder({ dtype, shape, data }: Tensor): Tensor {
  const sources = sourcesOf(shape);
  if (data instanceof StringArray) {
    const strings = Array.from(sources, (source) => data.at(source));
    return { dtype: 'string', shape, data: StringArray.from(strings) };
  }
  const { array: ArrayType, width } = dataTypeInfo(dtype);
  const reordered = new ArrayType!(data.length);
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]! * width;
    for (let part = 0; part < width; part++) reordered[i * width + part] = data[source + part] as never;
  }
  return { dtype, shape, data: reordered } as Tensor;
}

/** Where each element of the row-major array stands in the other. */
function sourcesOf(shape: readonly number[]): Uint32Array {
  const sources = new Uint32Array(elementCount(shape));
  const index = shape.map(() => 0);
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  let source = 0;
  for (let i = 0; i < sources.length; i++) {
    sources[i] = source;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return sources;
}
