/** `onnx.TensorProto.DataType` of TensorFlow's data types. */
import type { DataType } from '@serving/core/tensor';

const NUMBERS: Partial<Record<DataType, number>> = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  half: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  // Quantized types are their storage.
  qint8: 3,
  quint8: 2,
  qint16: 5,
  quint16: 4,
  qint32: 6,
};

/** The number of a data type in ONNX; `undefined` for types that never enter ONNX Runtime. */
export function onnxDataType(dtype: DataType): number | undefined {
  return NUMBERS[dtype];
}
