/** TensorProto → Tensor, by TensorFlow's decoding rules. */

import type { TensorProtoFields } from '@serving/core/extend';
import { ServingError } from '@serving/core/portable';
import {
  createTensor,
  dataTypeEnumName,
  dataTypeFromNumber,
  dataTypeInfo,
  elementCount,
  isTensorDataType,
  type NumericArray,
  StringArray,
  type Tensor,
  type TensorDataType,
} from '@serving/core/tensor';
import { inOneStep, withoutPause } from '../wire/wire-fields.js';
import { FillAllowance, STRING_FILL_BYTES } from './expansion-budget.js';
import { numbersOfContent, stringsOfContent } from './tensor-content.js';

/** The lists of typed values: everything but strings. */
type ValueList = readonly number[] | readonly bigint[] | readonly boolean[];

/**
 * The tensor that a TensorProto describes: from `tensor_content` when that isn't empty (its size must be exact),
 * otherwise from the type's value list, whose last value stands for those that are missing and whose surplus is
 * ignored; without any value all are zero or empty. At most 64 MiB are filled so. A missing shape is a scalar. The result shares no
 * memory with `proto`.
 *
 * @param alias the tensor's name, for the error.
 * @throws ServingError `INVALID_ARGUMENT` "tensor parsing error: ALIAS" with the reason, for a type whose tensors can't
 * be held, a shape that isn't fully known, and content of a wrong size.
 */
export function tensorFromProto(proto: TensorProtoFields, alias: string): Tensor {
  try {
    return decode(proto);
  } catch (cause) {
    const { message } = ServingError.from(cause);
    throw new ServingError('INVALID_ARGUMENT', `tensor parsing error: ${alias} (${message})`, { cause });
  }
}

function decode(proto: TensorProtoFields): Tensor {
  const dtype = proto.dtype < 100 ? dataTypeFromNumber(proto.dtype) : undefined;
  if (dtype === undefined || !isTensorDataType(dtype)) {
    throw new ServingError('INVALID_ARGUMENT', `no values of type ${dataTypeEnumName(proto.dtype) ?? proto.dtype}`);
  }
  if (proto.tensorShape?.unknownRank) throw new ServingError('INVALID_ARGUMENT', 'unknown rank');
  const shape = (proto.tensorShape?.dim ?? []).map(({ size }) => Number(size));
  const count = elementCount(shape);
  const data = dtype === 'string' ? strings(proto, shape, count) : numbers(proto, dtype, shape, count);
  return createTensor<TensorDataType>(dtype, shape, data);
}

function numbers(
  proto: TensorProtoFields,
  dtype: Exclude<TensorDataType, 'string'>,
  shape: readonly number[],
  count: number,
): NumericArray {
  const { array, width } = dataTypeInfo(dtype);
  const ArrayType = array!;
  const length = count * width;
  if (proto.tensorContent.length > 0) return numbersOfContent(new Uint8Array(proto.tensorContent), dtype, length);
  const values = valueList(proto, dtype);
  const given = Math.min(values.length - (values.length % width), length);
  new FillAllowance().take((length - given) * ArrayType.BYTES_PER_ELEMENT, shape);
  const data = new ArrayType(length);
  fill(data, values, given, width);
  return data;
}

/** Storing into the typed array narrows with wrap-around, as TensorFlow does with small types in `int_val`. */
function fill(data: NumericArray, values: ValueList, given: number, width: number): void {
  if (given === 0) return;
  for (let i = 0; i < given; i++) data[i] = values[i] as never;
  for (let i = given; i < data.length; i++) data[i] = data[i - width]!;
}

function valueList(proto: TensorProtoFields, dtype: Exclude<TensorDataType, 'string'>): ValueList {
  switch (dtype) {
    case 'float':
      return proto.floatVal;
    case 'double':
      return proto.doubleVal;
    case 'half':
    case 'bfloat16':
      return proto.halfVal;
    case 'int64':
      return proto.int64Val;
    case 'uint64':
      return proto.uint64Val;
    case 'uint32':
      return proto.uint32Val;
    case 'bool':
      return proto.boolVal;
    case 'complex64':
      return proto.scomplexVal;
    case 'complex128':
      return proto.dcomplexVal;
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'uint16':
    case 'int32':
    case 'qint8':
    case 'quint8':
    case 'qint16':
    case 'quint16':
    case 'qint32':
      return proto.intVal;
  }
}

function strings(proto: TensorProtoFields, shape: readonly number[], count: number): StringArray {
  if (proto.tensorContent.length > 0) {
    return inOneStep(stringsOfContent(new Uint8Array(proto.tensorContent), count, withoutPause()));
  }
  const last = proto.stringVal.at(-1) ?? new Uint8Array(0);
  new FillAllowance().take(Math.max(0, count - proto.stringVal.length) * (last.length + STRING_FILL_BYTES), shape);
  return StringArray.from(Array.from({ length: count }, (_, i) => proto.stringVal[i] ?? last));
}
