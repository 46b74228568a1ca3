/** ONNX's element types (`ONNXTensorElementDataType`, the numbers of `onnx.TensorProto.DataType`) beside TensorFlow's. */
import type { DataType, TensorDataType } from '@serving/core/tensor';

const numbers: Partial<Readonly<Record<DataType, number>>> = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  half: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
};

/** Types without a tensor of ours, for messages. */
const otherNames: Readonly<Record<number, string>> = {
  0: 'undefined',
  14: 'complex64',
  15: 'complex128',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
};

const byNumber = new Map<number, TensorDataType>(
  Object.entries(numbers).map(([dtype, number]) => [number, dtype as TensorDataType]),
);

/** ONNX's number of a dtype; `undefined` for a dtype whose tensors ONNX Runtime can't take or return. */
export function elementTypeOf(dtype: DataType): number | undefined {
  return numbers[dtype];
}

/** The dtype of ONNX's number; `undefined` for an element type whose tensors can't be taken or returned. */
export function dtypeOfElementType(elementType: number): TensorDataType | undefined {
  return byNumber.get(elementType);
}

/** ONNX's name of an element type, for messages. */
export function elementTypeName(elementType: number): string {
  return byNumber.get(elementType) ?? otherNames[elementType] ?? `of element type ${elementType}`;
}
