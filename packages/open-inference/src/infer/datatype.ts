/** The protocol's data types, and TensorFlow's that they stand for. */
import { type DataType, dataTypeEnumName, dataTypeInfo, type TensorDataType } from '@serving/core/tensor';

/** A data type by its name in the protocol. */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'BF16'
  | 'FP32'
  | 'FP64'
  | 'BYTES';

const dtypes: Readonly<Record<Datatype, TensorDataType>> = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'half',
  BF16: 'bfloat16',
  FP32: 'float',
  FP64: 'double',
  BYTES: 'string',
};

const datatypes: Readonly<Partial<Record<DataType, Datatype>>> = {
  ...(Object.fromEntries(Object.entries(dtypes).map(([datatype, dtype]) => [dtype, datatype])) as object),
  qint8: 'INT8',
  quint8: 'UINT8',
  qint16: 'INT16',
  quint16: 'UINT16',
  qint32: 'INT32',
};

/** The names, for error texts. */
export const DATATYPE_NAMES: string = Object.keys(dtypes).join(', ');

/** Whether a text is the name of a data type. Case counts. */
export function isDatatype(name: string): name is Datatype {
  return Object.hasOwn(dtypes, name);
}

/** TensorFlow's data type of the same values. */
export function dtypeOf(datatype: Datatype): TensorDataType {
  return dtypes[datatype];
}

/** The data type of TensorFlow's, quantized ones as what they are stored in; `undefined` where the protocol has none. */
export function datatypeOf(dtype: DataType): Datatype | undefined {
  return datatypes[dtype];
}

/** The name for metadata: the protocol's, or TensorFlow's, such as `DT_COMPLEX64`, where the protocol has none. */
export function shownDatatype(dtype: DataType): string {
  return datatypeOf(dtype) ?? dataTypeEnumName(dataTypeInfo(dtype).number) ?? 'DT_INVALID';
}
