/** NumPy's names of data types in `.npy` files, such as `<f4`, for TensorFlow's. */
import { dataTypeInfo, type TensorDataType } from '../tensor/index.js';

/** The data types of numbers. */
export type NumericDataType = Exclude<TensorDataType, 'string'>;

/** NumPy's names of the data types that it has; single bytes have no byte order. */
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
} as const satisfies Partial<Record<NumericDataType, string>>;

const tensorTypes: ReadonlyMap<string, NumericDataType> = new Map(
  Object.entries(numpyNames).map(([dtype, name]) => [name, dtype as NumericDataType]),
);

const quantized: ReadonlyMap<NumericDataType, string> = new Map([
  ['qint8', '|i1'],
  ['quint8', '|u1'],
  ['qint16', '<i2'],
  ['quint16', '<u2'],
  ['qint32', '<i4'],
]);

/**
 * The description of a numeric type as a Python literal. TensorFlow's own types have the form that its Python package
 * gives them: quantized ones are structures, bfloat16 raw bytes.
 */
export function npyDescription(dtype: NumericDataType): string {
  if (dtype === 'bfloat16') return "'<V2'";
  const storage = quantized.get(dtype);
  if (storage !== undefined) return `[('${dtype}', '${storage}')]`;
  const name = numpyNames[dtype as keyof typeof numpyNames];
  return `'${name.endsWith('1') ? '|' : '<'}${name}'`;
}

/** What a file's elements are. */
export type DataDescription =
  | {
      readonly kind: 'number';
      readonly dtype: NumericDataType;
      /** Bytes per element. */
      readonly size: number;
      /** Bytes that stand in the file's byte order: half an element of a complex type. */
      readonly wordSize: number;
      readonly isBigEndian: boolean;
    }
  /** Of fixed size: bytes, or UTF-32. */
  | { readonly kind: 'string'; readonly size: number; readonly isText: boolean; readonly isBigEndian: boolean }
  | { readonly kind: 'objects' };

/** Reads a description as it stands in a file, such as `'<f4'` in quotes; `undefined` for a type that no tensor has. */
export function parseDescription(description: string, bfloat16: boolean): DataDescription | undefined {
  const quantizedType = quantizedTypeOf(description);
  if (quantizedType) return numberDescription(quantizedType, false);
  const [, order, name = '', kind = '', digits = '0'] = /^'([<>|=])?((\w)(\d*))'$/.exec(description) ?? [];
  const isBigEndian = order === '>';
  const dtype = tensorTypes.get(name) ?? (bfloat16 && name === 'V2' ? 'bfloat16' : undefined);
  if (dtype !== undefined) return numberDescription(dtype, isBigEndian);
  if (kind === 'S') return { kind: 'string', size: Number(digits), isText: false, isBigEndian };
  if (kind === 'U') return { kind: 'string', size: 4 * Number(digits), isText: true, isBigEndian };
  return kind === 'O' ? { kind: 'objects' } : undefined;
}

function numberDescription(dtype: NumericDataType, isBigEndian: boolean): DataDescription {
  const { array, width } = dataTypeInfo(dtype);
  const wordSize = array!.BYTES_PER_ELEMENT;
  return { kind: 'number', dtype, size: wordSize * width, wordSize, isBigEndian };
}

/** Of a structure such as `[('qint8', '|i1')]`. */
function quantizedTypeOf(description: string): NumericDataType | undefined {
  const [, name, storage] = /^\[\('(\w+)', '([|<]\w\d)'\)\]$/.exec(description) ?? [];
  return Array.from(quantized).find(([dtype, stored]) => dtype === name && stored === storage)?.[0];
}
