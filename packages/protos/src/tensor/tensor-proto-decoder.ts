/** A serialized TensorProto → Tensor, its numbers straight into typed arrays. */
import { ServingError } from '@serving/core/portable';
import {
  dataTypeEnumName,
  dataTypeFromNumber,
  dataTypeInfo,
  elementCount,
  isTensorDataType,
  MAX_RANK,
  type NumericArray,
  StringArray,
  type Tensor,
  type TensorDataMap,
  type TensorDataType,
} from '@serving/core/tensor';
import type protobuf from 'protobufjs/light.js';
import { inOneStep, pauseAt, type ReadingPace, readFields, readFieldsAt, withoutPause } from '../wire/wire-fields.js';
import { FillAllowance, STRING_FILL_BYTES } from './expansion-budget.js';
import { readPackedVarints, readPieceAt } from './packed-varints.js';
import { type BytesOwnership, numbersOfContent, stringsOfContent, viewOrCopy } from './tensor-content.js';
import { isFixedWidthList, listField, STRING_VAL } from './tensor-proto-lists.js';

const DTYPE = 0x08;
const TENSOR_SHAPE = 0x12;
const TENSOR_CONTENT = 0x22;
const DIM = 0x12;
const UNKNOWN_RANK = 0x18;
const SIZE = 0x08;
const LENGTH_DELIMITED = 2;
const STRING_TAG = (STRING_VAL << 3) | LENGTH_DELIMITED;
/** Below this many bytes a loop copies faster than a call of `set`. */
const SHORT = 48;

/** How a TensorProto is read. */
export interface TensorProtoDecoding extends BytesOwnership {
  /** Shared by the tensors of a message. Default: one of its own. */
  readonly allowance?: FillAllowance;
}

/**
 * A TensorProto as it lies in a request: its structure is known, its values are read by {@link EncodedTensorProto.toTensor}. It keeps the bytes that
 * it was made of, which must not change.
 */
export class EncodedTensorProto {
  readonly #bytes: Uint8Array;
  readonly #decoding: TensorProtoDecoding;
  readonly #shape: number[] = [];
  #dtype = 0;
  #unknownRank = false;
  #content: Uint8Array | undefined;
  /** As {@link EncodedTensorProto.readAt} has read it. */
  #tensor: Tensor | ServingError | undefined;
  /** By field: the one packed list that it consists of, or that it comes in pieces. */
  readonly #lists = new Map<number, Uint8Array | 'pieces'>();

  /** @throws Error, with protobufjs's reason, for bytes that are not a TensorProto. */
  constructor(bytes: Uint8Array, decoding: TensorProtoDecoding = {}, isUnread = false) {
    this.#bytes = bytes;
    this.#decoding = decoding;
    if (!isUnread) readFields(bytes, (tag, reader) => this.#read(tag, reader, undefined));
  }

  /**
   * Makes one whose values are read already, with pauses: {@link EncodedTensorProto.toTensor} costs nothing then.
   *
   * @throws Error, with protobufjs's reason, for bytes that are not a TensorProto.
   */
  static *readAt(
    pace: ReadingPace,
    bytes: Uint8Array,
    decoding: TensorProtoDecoding,
  ): Generator<void, EncodedTensorProto> {
    const proto = new EncodedTensorProto(bytes, decoding, true);
    yield* readFieldsAt(pace, bytes, (tag, reader) => proto.#read(tag, reader, pace));
    try {
      proto.#tensor = yield* proto.#decode(pace);
    } catch (reason) {
      proto.#tensor = ServingError.from(reason);
    }
    return proto;
  }

  /** The values are in `tensor_content`, or would be if there were any. */
  get hasContent(): boolean {
    return this.#content !== undefined;
  }

  /**
   * By the rules of `tensorFromProto` for stored TensorProtos. Numbers of `tensor_content` and of packed lists of floating-point numbers are
   * views of the message's bytes where their address allows it; other values are copies.
   *
   * @param alias the tensor's name, for the error.
   * @throws ServingError `INVALID_ARGUMENT` "tensor parsing error: ALIAS" with the reason.
   */
  toTensor(alias: string): Tensor {
    try {
      const tensor = this.#tensor ?? inOneStep(this.#decode(withoutPause()));
      if (tensor instanceof ServingError) throw tensor;
      return tensor;
    } catch (cause) {
      const { message } = ServingError.from(cause);
      throw new ServingError('INVALID_ARGUMENT', `tensor parsing error: ${alias} (${message})`, { cause });
    }
  }

  #read(tag: number, reader: protobuf.Reader, pace: ReadingPace | undefined): boolean {
    switch (tag) {
      case DTYPE:
        this.#dtype = reader.int32();
        return true;
      case TENSOR_SHAPE:
        this.#readShape(reader.bytes());
        return true;
      case TENSOR_CONTENT:
        this.#content = reader.bytes();
        return true;
      default: {
        const field = tag >>> 3;
        if (tag === STRING_TAG) {
          this.#lists.set(field, 'pieces');
          readStringRun(this.#bytes, reader, ignore, pace);
          return true;
        }
        if (field < 5 || field > 17) return false;
        const isOnlyList = (tag & 7) === LENGTH_DELIMITED && field !== STRING_VAL && !this.#lists.has(field);
        this.#lists.set(field, isOnlyList ? reader.bytes() : 'pieces');
        return isOnlyList;
      }
    }
  }

  #readShape(shape: Uint8Array): void {
    readFields(shape, (tag, reader) => {
      // One too many is enough for the error.
      if (tag === DIM && this.#shape.length <= MAX_RANK) this.#shape.push(readSize(reader.bytes()));
      else if (tag === UNKNOWN_RANK) this.#unknownRank = reader.bool();
      else return false;
      return true;
    });
  }

  *#decode(pace: ReadingPace): Generator<void, Tensor> {
    const dtype = this.#dtype < 100 ? dataTypeFromNumber(this.#dtype) : undefined;
    if (dtype === undefined || !isTensorDataType(dtype)) {
      throw new ServingError('INVALID_ARGUMENT', `no values of type ${dataTypeEnumName(this.#dtype) ?? this.#dtype}`);
    }
    if (this.#unknownRank) throw new ServingError('INVALID_ARGUMENT', 'a tensor of unknown rank');
    const shape = this.#shape;
    const count = elementCount(shape);
    const data = dtype === 'string' ? yield* this.#strings(count, pace) : yield* this.#numbers(dtype, count, pace);
    return { dtype, shape, data } as Tensor;
  }

  *#numbers(dtype: Exclude<TensorDataType, 'string'>, count: number, pace: ReadingPace): Generator<void, NumericArray> {
    const { width, array: ArrayType } = dataTypeInfo(dtype);
    const length = count * width;
    if (this.#content?.length) {
      const numbers = numbersOfContent(this.#content, dtype, length, this.#decoding);
      this.#content = bytesOf(numbers);
      return numbers;
    }
    const field = listField(dtype);
    const isFixed = isFixedWidthList(field);
    const list = this.#lists.get(field);
    const size = ArrayType!.BYTES_PER_ELEMENT;
    if (list instanceof Uint8Array && isFixed && list.length >= length * size) {
      checkWhole(list, size);
      const numbers = viewOrCopy(list, dtype, length, this.#decoding);
      this.#lists.set(field, bytesOf(numbers));
      return numbers;
    }
    let maxGiven = 0;
    yield* this.#eachPiece(field, pace, (piece) => {
      maxGiven += isFixed ? piece.length / size : piece.length;
    });
    const given = new ArrayType!(Math.min(length, Math.floor(maxGiven)));
    let filled = 0;
    yield* this.#eachPiece(field, pace, (piece) => {
      filled = isFixed ? copyFixed(piece, given, filled) : readPackedVarints(piece, given, filled, dtype === 'bool');
    });
    filled -= filled % width;
    if (filled === length) return given;
    this.#allowance.take((length - filled) * size, this.#shape);
    const data = new ArrayType!(length);
    data.set(given.subarray(0, filled) as never);
    repeatLast(data, filled, width);
    return data;
  }

  *#strings(count: number, pace: ReadingPace): Generator<void, StringArray> {
    if (this.#content?.length) return yield* stringsOfContent(this.#content, count, pace);
    let given = 0;
    let byteLength = 0;
    let last = 0;
    yield* this.#eachString(pace, (_begin, length) => {
      last = length;
      if (given++ < count) byteLength += length;
    });
    if (given < count) {
      this.#allowance.take((count - given) * (last + STRING_FILL_BYTES), this.#shape);
      byteLength += (count - given) * last;
    }
    const bytes = new Uint8Array(byteLength);
    const offsets = new Uint32Array(count + 1);
    let i = 0;
    yield* this.#eachString(pace, (begin, length) => {
      if (i === count) return;
      const to = offsets[i]!;
      if (length > SHORT) bytes.set(this.#bytes.subarray(begin, begin + length), to);
      else for (let at = 0; at < length; at++) bytes[to + at] = this.#bytes[begin + at]!;
      offsets[i + 1] = to + length;
      i++;
    });
    for (; i < count; i++) {
      const begin = offsets[i]!;
      bytes.copyWithin(begin, begin - last, begin);
      offsets[i + 1] = begin + last;
      pace.left -= 1;
      if (pace.left <= 0) yield* pauseAt(pace);
    }
    return new StringArray(bytes, offsets);
  }

  /** Without an object each, which would be many times as large. */
  *#eachString(pace: ReadingPace, read: (begin: number, length: number) => void): Generator<void, void> {
    if (!this.#lists.has(STRING_VAL)) return;
    yield* readFieldsAt(pace, this.#bytes, (tag, reader) => {
      if (tag !== STRING_TAG) return false;
      readStringRun(this.#bytes, reader, read, pace);
      return true;
    });
  }

  get #allowance(): FillAllowance {
    return this.#decoding.allowance ?? new FillAllowance();
  }

  /** A list's parts in their order: packed ones whole, the others value by value, in the form that packed ones have. */
  *#eachPiece(field: number, pace: ReadingPace, read: (piece: Uint8Array) => void): Generator<void, void> {
    const list = this.#lists.get(field);
    if (list === undefined) return;
    const isFixed = isFixedWidthList(field);
    if (list !== 'pieces') {
      yield* readPieceAt(pace, list, isFixed, read);
      return;
    }
    yield* readFieldsAt(pace, this.#bytes, (tag, reader) => {
      if (tag >>> 3 !== field) return false;
      const begin = reader.pos;
      const piece =
        (tag & 7) === LENGTH_DELIMITED ? reader.bytes() : this.#bytes.subarray(begin, reader.skipType(tag & 7).pos);
      if (!isFixed && piece.length > pace.left) return readPieceAt(pace, piece, isFixed, read);
      read(piece);
      if (!isFixed) pace.left -= piece.length;
      return true;
    });
  }
}

/** {@link EncodedTensorProto.toTensor} of a serialized TensorProto that stands alone. */
export function decodeTensorProto(bytes: Uint8Array, alias: string): Tensor {
  try {
    return new EncodedTensorProto(bytes).toTensor(alias);
  } catch (cause) {
    const { code, message } = ServingError.from(cause);
    if (code === 'INVALID_ARGUMENT') throw cause;
    throw new ServingError('INVALID_ARGUMENT', `tensor parsing error: ${alias} (${message})`, { cause });
  }
}

/** Where the values are now: they may have been moved. */
function bytesOf({ buffer, byteOffset, byteLength }: NumericArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function readSize(dim: Uint8Array): number {
  let size = 0;
  readFields(dim, (tag, reader) => {
    if (tag !== SIZE) return false;
    const { high, low } = reader.int64() as { readonly high: number; readonly low: number };
    size = high * 2 ** 32 + (low >>> 0);
    return true;
  });
  return size;
}

const ignore = (): void => undefined;

/**
 * The strings from a reader's position on, up to the first other field, or to where a pause is due: there may be millions of
 * them.
 */
function readStringRun(
  bytes: Uint8Array,
  reader: protobuf.Reader,
  read: (begin: number, length: number) => void,
  pace: ReadingPace | undefined,
): void {
  for (;;) {
    let length = bytes[reader.pos] ?? MANY;
    if (length < MANY) reader.pos++;
    else length = reader.uint32();
    const begin = reader.pos;
    if (begin + length > bytes.length) reader.skip(length);
    read(begin, length);
    reader.pos = begin + length;
    if (bytes[reader.pos] !== STRING_TAG) return;
    if (pace !== undefined) {
      pace.left -= 1;
      if (pace.left <= 0) return;
    }
    reader.pos++;
  }
}

/** A length from here on takes more than a byte. */
const MANY = 128;

function checkWhole(bytes: Uint8Array, size: number): void {
  if (bytes.length % size !== 0) throw new RangeError('a list ends within a number');
}

function copyFixed(piece: Uint8Array, data: NumericArray, filled: number): number {
  const size = data.BYTES_PER_ELEMENT;
  checkWhole(piece, size);
  const given = Math.min(piece.length / size, data.length - filled);
  new Uint8Array(data.buffer).set(piece.subarray(0, given * size), filled * size);
  return filled + given;
}

/** The last value stands for those that are missing; without any value all stay zero. */
function repeatLast(data: TensorDataMap[Exclude<TensorDataType, 'string'>], filled: number, width: number): void {
  if (filled === 0) return;
  if (width === 1) data.fill(data[filled - 1] as never, filled);
  else for (let i = filled; i < data.length; i++) data[i] = data[i - width]!;
}
