/** Tensors as lists of protobuf: the typed contents of a tensor. */
import { ServingError } from '@serving/core';
import {
  dataTypeInfo,
  type NumericArray,
  StringArray,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
} from '@serving/core/tensor';
import { lengthDelimited, packVarints, readFields, readPackedVarints, type WireWriter } from '@serving/protos/tensor';
import { type Datatype, dtypeOf } from '../infer/datatype.js';
import { rangeOf } from '../json/exact-tensor-data.js';
import { nested } from './message-codec.js';

/** The field of each data type; FP16 and BF16 have none. */
const fields: Readonly<Partial<Record<Datatype, number>>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
};

const FIELD_NAMES = [
  '',
  'bool_contents',
  'int_contents',
  'int64_contents',
  'uint_contents',
  'uint64_contents',
  'fp32_contents',
  'fp64_contents',
  'bytes_contents',
];

/** Whether a data type can be in typed contents. */
export function hasContents(datatype: Datatype): boolean {
  return fields[datatype] !== undefined;
}

/**
 * Reads an InferTensorContents. Floating-point numbers are a view of its bytes where their address allows it.
 *
 * @param subject the tensor, for error texts
 * @throws ServingError `INVALID_ARGUMENT` for elements in another field than the data type's, another number of them than the shape
 * has, and integers beyond the limits of the data type.
 */
export function readContents(
  bytes: Uint8Array,
  datatype: Datatype,
  shape: readonly number[],
  count: number,
  subject: string,
): Tensor {
  const field = fields[datatype];
  if (field === undefined) {
    throw ServingError.invalidArgument(`${subject}: ${datatype} has no contents: send it in raw_input_contents`);
  }
  const pieces = piecesOf(bytes, field, datatype, subject);
  const dtype = dtypeOf(datatype);
  if (dtype === 'string') {
    checkCount(pieces.length, shape, count, subject);
    return { dtype, shape, data: StringArray.from(pieces) };
  }
  if (field >= 6) {
    const joined = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    const size = dataTypeInfo(dtype).array!.BYTES_PER_ELEMENT;
    checkCount(joined.length / size, shape, count, subject);
    return tensorFromBytes(dtype, shape, joined);
  }
  checkCount(
    pieces.reduce((sum, piece) => sum + varintsIn(piece), 0),
    shape,
    count,
    subject,
  );
  const isNarrow = field === 2 || field === 4;
  const wide = isNarrow
    ? field === 2
      ? new Int32Array(count)
      : new Uint32Array(count)
    : new (dataTypeInfo(dtype).array!)(count);
  let filled = 0;
  for (const piece of pieces) filled = readPackedVarints(piece, wide, filled, field === 1);
  return { dtype, shape, data: isNarrow ? narrowed(wide, datatype, subject) : wide } as Tensor;
}

/** The bytes of a field's elements, packed or one by one. */
function piecesOf(bytes: Uint8Array, field: number, datatype: Datatype, subject: string): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  readFields(bytes, (tag, reader) => {
    const number = tag >>> 3;
    if (number < 1 || number > 8) return false;
    let piece: Uint8Array;
    if ((tag & 7) === 2) piece = reader.bytes();
    else {
      const start = reader.pos;
      reader.skipType(tag & 7);
      piece = bytes.subarray(start, reader.pos);
    }
    if (number === field) pieces.push(piece);
    else if (piece.length > 0 || number === 8) {
      throw ServingError.invalidArgument(
        `${subject}: ${datatype} has its elements in ${FIELD_NAMES[field]} (got ${FIELD_NAMES[number]})`,
      );
    }
    return true;
  });
  return pieces;
}

function varintsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! < 128) count++;
  return count;
}

function checkCount(found: number, shape: readonly number[], count: number, subject: string): void {
  if (found === count) return;
  throw ServingError.invalidArgument(
    `${subject}: shape [${shape}] has ${count} elements, but its contents have ${found}`,
  );
}

function narrowed(wide: NumericArray, datatype: Datatype, subject: string): NumericArray {
  if (datatype === 'INT32' || datatype === 'UINT32') return wide;
  const { min, max } = rangeOf(datatype);
  const narrow = new (dataTypeInfo(dtypeOf(datatype)).array!)(wide.length);
  for (let i = 0; i < wide.length; i++) {
    const value = Number(wide[i]);
    if (value < min || value > max) {
      throw ServingError.invalidArgument(`${subject}: element ${i} is ${value}; ${datatype} has ${min} to ${max}`);
    }
    (narrow as Int8Array)[i] = value;
  }
  return narrow;
}

/** The field `tag` with an InferTensorContents. Back to front, as the writer wants it. */
export function writeContents(writer: WireWriter, tag: number, datatype: Datatype, tensor: Tensor): void {
  const field = lengthDelimited(fields[datatype]!);
  const { data } = tensor;
  nested(writer, tag, () => {
    if (data instanceof StringArray) {
      for (let i = data.length - 1; i >= 0; i--) nested(writer, field, () => writer.raw(data.at(i)));
    } else if (data.length > 0) {
      nested(writer, field, () =>
        writer.raw(
          data instanceof Float32Array || data instanceof Float64Array ? tensorBytes(tensor) : packVarints(data),
        ),
      );
    }
  });
}
