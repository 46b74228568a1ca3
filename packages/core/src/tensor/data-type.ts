/**
 * TensorFlow's data types (`tensorflow/core/framework/types.proto`): number, names, and how we hold their values.
 */
import type { StringArray } from './string-array.js';

/**
 * The array that holds a tensor's values, by data type. Halves are raw 16-bit patterns, booleans bytes 0 and 1,
 * complex numbers pairs (real, imaginary), quantized types their storage type, strings bytes.
 */
export interface TensorDataMap {
  float: Float32Array;
  double: Float64Array;
  half: Uint16Array;
  bfloat16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
  complex64: Float32Array;
  complex128: Float64Array;
  qint8: Int8Array;
  quint8: Uint8Array;
  qint16: Int16Array;
  quint16: Uint16Array;
  qint32: Int32Array;
  string: StringArray;
}

/** A data type whose tensors we can hold: TensorFlow's plain types, by TensorFlow's short names. */
export type TensorDataType = keyof TensorDataMap;

/** Every data type that a signature may name. Those outside {@link TensorDataType} can be described but not fed or fetched. */
export type DataType =
  | TensorDataType
  | 'invalid'
  | 'resource'
  | 'variant'
  | 'float8_e5m2'
  | 'float8_e4m3fn'
  | 'float8_e4m3fnuz'
  | 'float8_e4m3b11fnuz'
  | 'float8_e5m2fnuz'
  | 'int4'
  | 'uint4'
  | 'int2'
  | 'uint2'
  | 'float4_e2m1fn';

/** A JavaScript array of numbers that holds tensor values. */
export type NumericArray = Exclude<TensorDataMap[TensorDataType], StringArray>;

/** The class of such an array. */
export type NumericArrayConstructor = {
  new (length: number): NumericArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
};

/** One row of TensorFlow's table of data types. */
export interface DataTypeInfo {
  /** TensorFlow's number. */
  readonly number: number;
  /** Array elements per tensor element: 2 for complex types, 1 otherwise. */
  readonly width: number;
  /** The typed array of the values; absent for `string` and for types whose tensors we can't hold. */
  readonly array: NumericArrayConstructor | undefined;
}

const row = (number: number, array?: unknown, width = 1): DataTypeInfo => ({
  number,
  width,
  array: array as NumericArrayConstructor | undefined,
});

const rows: Readonly<Record<DataType, DataTypeInfo>> = {
  invalid: row(0),
  float: row(1, Float32Array),
  double: row(2, Float64Array),
  int32: row(3, Int32Array),
  uint8: row(4, Uint8Array),
  int16: row(5, Int16Array),
  int8: row(6, Int8Array),
  string: row(7),
  complex64: row(8, Float32Array, 2),
  int64: row(9, BigInt64Array),
  bool: row(10, Uint8Array),
  qint8: row(11, Int8Array),
  quint8: row(12, Uint8Array),
  qint32: row(13, Int32Array),
  bfloat16: row(14, Uint16Array),
  qint16: row(15, Int16Array),
  quint16: row(16, Uint16Array),
  uint16: row(17, Uint16Array),
  complex128: row(18, Float64Array, 2),
  half: row(19, Uint16Array),
  resource: row(20),
  variant: row(21),
  uint32: row(22, Uint32Array),
  uint64: row(23, BigUint64Array),
  float8_e5m2: row(24),
  float8_e4m3fn: row(25),
  float8_e4m3fnuz: row(26),
  float8_e4m3b11fnuz: row(27),
  float8_e5m2fnuz: row(28),
  int4: row(29),
  uint4: row(30),
  int2: row(31),
  uint2: row(32),
  float4_e2m1fn: row(33),
};

const byNumber = new Map<number, DataType>(Object.entries(rows).map(([name, info]) => [info.number, name as DataType]));

/** TensorFlow writes a reference to a variable's value as the type's number plus this. */
const REFERENCE_OFFSET = 100;

/** The table's row of a data type. */
export function dataTypeInfo(dtype: DataType): DataTypeInfo {
  return rows[dtype];
}

/** The data type of TensorFlow's number, references (101 to 133) as their plain type; `undefined` for a number without one. */
export function dataTypeFromNumber(number: number): DataType | undefined {
  return byNumber.get(number > REFERENCE_OFFSET ? number - REFERENCE_OFFSET : number);
}

/**
 * The name in TensorFlow's enum: `DT_FLOAT` for 1, `DT_FLOAT_REF` for 101; `undefined` for a number without a name.
 */
export function dataTypeEnumName(number: number): string | undefined {
  const dtype = dataTypeFromNumber(number);
  if (dtype === undefined || number === REFERENCE_OFFSET) return undefined;
  return `DT_${dtype.toUpperCase()}${number > REFERENCE_OFFSET ? '_REF' : ''}`;
}

/** Whether tensors of this type can be held, fed and fetched. */
export function isTensorDataType(dtype: DataType): dtype is TensorDataType {
  return dtype === 'string' || rows[dtype].array !== undefined;
}
