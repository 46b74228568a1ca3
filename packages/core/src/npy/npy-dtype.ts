/** NumPy's names of data types in `.npy` files, such as `<f4`, for TensorFlow's. */
import type { TensorDataType } from '@serving/core/tensor';

/** What NumPy calls the data types that it has itself; of single bytes there is no order. */
const numpyNames = {
  bool: 'b1',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  half: 'f2',
  float: 'f4',
  double: 'f8',
  complex64: 'c8',
  complex128: 'c16',
} as const satisfies Partial<Record<TensorDataType, string>>;

const tensorTypes: ReadonlyMap<string, TensorDataType> = new Map(
  Object.entries(numpyNames).map(([dtype, name]) => [name, dtype as TensorDataType]),
);

const quantized: ReadonlyMap<TensorDataType, string> = new Map([
  ['qint8', '|i1'],
  ['quint8', '|u1'],
  ['qint16', '<i2'],
  ['quint16', '<u2'],
  ['qint32', '<i4'],
]);

/** The data type of a description without its byte order, such as `f4`. */
export function tensorTypeOf(numpyName: string): TensorDataType | undefined {
  return tensorTypes.get(numpyName);
}

/**
 * The description of a numeric type as a Python literal. TensorFlow's own types have the form that its Python package
 * gives them: quantized ones are structures, bfloat16 raw bytes.
 */
export function npyDescription(dtype: Exclude<TensorDataType, 'string'>): string {
  if (dtype === 'bfloat16') return "'<V2'";
  const storage = quantized.get(dtype);
  if (storage !== undefined) return `[('${dtype}', '${storage}')]`;
  const name = numpyNames[dtype as keyof typeof numpyNames];
  return `'${name.endsWith('1') ? '|' : '<'}${name}'`;
}

/** The quantized type of a description such as `[('qint8', '|i1')]`. */
export function quantizedTypeOf(description: string): TensorDataType | undefined {
  const [, name, storage] = /^\[\('(\w+)', '([|<]\w\d)'\)\]$/.exec(description) ?? [];
  return Array.from(quantized).find(([dtype, stored]) => dtype === name && stored === storage)?.[0];
}
