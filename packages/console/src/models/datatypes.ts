/** The names of data types in the Open Inference Protocol. */
import type { DataType } from '@serving/core/tensor';

const datatypes: Readonly<Partial<Record<DataType, string>>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  half: 'FP16',
  bfloat16: 'BF16',
  float: 'FP32',
  double: 'FP64',
  string: 'BYTES',
};

/** `undefined` for a data type that the protocol lacks. */
export function datatypeOf(dtype: DataType): string | undefined {
  return datatypes[dtype];
}
