/** Tensors as lists of protobuf: the typed contents of a tensor. */
import { ServingError } from '@serving/core';
import { dataTypeInfo, type NumericArray, StringArray, type Tensor, tensorBytes } from '@serving/core/tensor';
import { inOneGo } from '@serving/json-codec/internal';
import {
  lengthDelimited,
  packVarints,
  pauseAt,
  type ReadingPace,
  readFieldsAt,
  readPackedVarints,
  readPieceAt,
  type WireWriter,
  withoutPause,
} from '@serving/protos/tensor';
import { numbersOf } from '../infer/binary-tensor.js';
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

/** The type on the wire of an element that is not in a packed list; bytes are never in one. */
const wireTypes = [-1, 0, 0, 0, 0, 0, 5, 1, 2];
const LENGTH_DELIMITED = 2;
const BOOL = 1;
const FP32 = 6;

/** {@link readContentsAt} in one go. */
export function readContents(
  bytes: Uint8Array,
  datatype: Datatype,
  shape: readonly number[],
  count: number,
  subject: string,
): Tensor {
  return inOneGo(readContentsAt(withoutPause(), bytes, datatype, shape, count, subject));
}

/**
 * Reads an InferTensorContents, with pauses. Floating-point numbers are a view of its bytes where their address allows it.
 *
 * @param subject the tensor, for error texts
 * @throws ServingError `INVALID_ARGUMENT` for elements in another field than the data type's, another number of them than the shape
 * has, and integers beyond the limits of the data type.
 */
export function* readContentsAt(
  pace: ReadingPace,
  bytes: Uint8Array,
  datatype: Datatype,
  shape: readonly number[],
  count: number,
  subject: string,
): Generator<void, Tensor> {
  const field = fields[datatype];
  if (field === undefined) {
    throw ServingError.invalidArgument(`${subject}: ${datatype} has no contents: send it in raw_input_contents`);
  }
  const dtype = dtypeOf(datatype);
  const size = dtype === 'string' ? 0 : dataTypeInfo(dtype).array!.BYTES_PER_ELEMENT;
  let pieces = 0;
  let byteLength = 0;
  let found = 0;
  let last: Uint8Array = bytes;
  yield* eachPiece(pace, bytes, field, `${subject}: ${datatype}`, (piece) => {
    pieces += 1;
    byteLength += piece.length;
    found += dtype === 'string' ? 1 : field >= FP32 ? piece.length / size : varintsIn(piece);
    last = piece;
  });
  checkCount(found, shape, count, subject);
  const each = (read: (piece: Uint8Array) => void): Generator<void, void> => eachPiece(pace, bytes, field, '', read);
  if (dtype === 'string') return { dtype, shape, data: yield* joinedStrings(each, count, byteLength) };
  if (field >= FP32) {
    const joined = pieces === 1 ? last : yield* joinedBytes(each, byteLength);
    return yield* numbersOf(dtype, shape, joined);
  }
  const isNarrow = field === 2 || field === 4;
  const wide = isNarrow
    ? field === 2
      ? new Int32Array(count)
      : new Uint32Array(count)
    : new (dataTypeInfo(dtype).array!)(count);
  let filled = 0;
  yield* each((piece) => {
    filled = readPackedVarints(piece, wide, filled, field === BOOL);
  });
  return { dtype, shape, data: isNarrow ? yield* narrowed(pace, wide, datatype, subject) : wide } as Tensor;
}

/**
 * Calls `read` with the elements of a field in their order: packed ones in parts, the others one by one, in the form that packed ones
 * have.
 *
 * @throws ServingError `INVALID_ARGUMENT` for elements of another field, where `subject` names the tensor.
 */
function eachPiece(
  pace: ReadingPace,
  bytes: Uint8Array,
  field: number,
  subject: string,
  read: (piece: Uint8Array) => void,
): Generator<void, void> {
  const isFixed = field >= FP32;
  return readFieldsAt(pace, bytes, (tag, reader) => {
    const number = tag >>> 3;
    const wireType = tag & 7;
    if (number < 1 || number > 8 || (wireType !== LENGTH_DELIMITED && wireType !== wireTypes[number])) return false;
    const begin = reader.pos;
    const piece = wireType === LENGTH_DELIMITED ? reader.bytes() : bytes.subarray(begin, reader.skipType(wireType).pos);
    if (number !== field) {
      if (subject === '' || (piece.length === 0 && number !== 8)) return true;
      throw ServingError.invalidArgument(
        `${subject} has its elements in ${FIELD_NAMES[field]} (got ${FIELD_NAMES[number]})`,
      );
    }
    if (!isFixed && piece.length > pace.left) return readPieceAt(pace, piece, false, read);
    read(piece);
    if (!isFixed) pace.left -= piece.length;
    return true;
  });
}

type EachPiece = (read: (piece: Uint8Array) => void) => Generator<void, void>;

function* joinedStrings(each: EachPiece, count: number, byteLength: number): Generator<void, StringArray> {
  const bytes = new Uint8Array(byteLength);
  const offsets = new Uint32Array(count + 1);
  let i = 0;
  yield* each((piece) => {
    bytes.set(piece, offsets[i]!);
    offsets[i + 1] = offsets[i]! + piece.length;
    i++;
  });
  return new StringArray(bytes, offsets);
}

function* joinedBytes(each: EachPiece, byteLength: number): Generator<void, Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  yield* each((piece) => {
    bytes.set(piece, at);
    at += piece.length;
  });
  return bytes;
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

function* narrowed(
  pace: ReadingPace,
  wide: NumericArray,
  datatype: Datatype,
  subject: string,
): Generator<void, NumericArray> {
  if (datatype === 'INT32' || datatype === 'UINT32') return wide;
  const { min, max } = rangeOf(datatype);
  const narrow = new (dataTypeInfo(dtypeOf(datatype)).array!)(wide.length);
  for (let i = 0; i < wide.length; i++) {
    const value = Number(wide[i]);
    if (value < min || value > max) {
      throw ServingError.invalidArgument(`${subject}: element ${i} is ${value}; ${datatype} has ${min} to ${max}`);
    }
    (narrow as Int8Array)[i] = value;
    pace.left -= 1;
    if (pace.left <= 0) yield* pauseAt(pace);
  }
  return narrow;
}

/** The field `tag` with an InferTensorContents. Back to front, the writer's order. */
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
