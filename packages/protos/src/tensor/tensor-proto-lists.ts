/** Where a TensorProto keeps the values of each data type that is not in `tensor_content`. */
import type { TensorDataType } from '@serving/core/tensor';

/** The number of a data type's list in TensorProto. */
export function listField(dtype: TensorDataType): number {
  return listFields[dtype];
}

/** Whether a list holds the values' own little-endian bytes. The others hold varints. */
export function isFixedWidthList(field: number): boolean {
  return field === FLOAT_VAL || field === DOUBLE_VAL || field === SCOMPLEX_VAL || field === DCOMPLEX_VAL;
}

const FLOAT_VAL = 5;
const DOUBLE_VAL = 6;
const INT_VAL = 7;
export const STRING_VAL = 8;
const SCOMPLEX_VAL = 9;
const INT64_VAL = 10;
const BOOL_VAL = 11;
const DCOMPLEX_VAL = 12;
const HALF_VAL = 13;
const UINT32_VAL = 16;
const UINT64_VAL = 17;

const listFields: Readonly<Record<TensorDataType, number>> = {
  float: FLOAT_VAL,
  double: DOUBLE_VAL,
  half: HALF_VAL,
  bfloat16: HALF_VAL,
  int8: INT_VAL,
  uint8: INT_VAL,
  int16: INT_VAL,
  uint16: INT_VAL,
  int32: INT_VAL,
  uint32: UINT32_VAL,
  int64: INT64_VAL,
  uint64: UINT64_VAL,
  bool: BOOL_VAL,
  complex64: SCOMPLEX_VAL,
  complex128: DCOMPLEX_VAL,
  qint8: INT_VAL,
  quint8: INT_VAL,
  qint16: INT_VAL,
  quint16: INT_VAL,
  qint32: INT_VAL,
  string: STRING_VAL,
};
