/** Tensor → serialized TensorProto. */
import { dataTypeInfo, type StringArray, type Tensor } from '@serving/core/tensor';
import { WireWriter } from '../wire/wire-writer.js';
import { packVarints } from './packed-varints.js';
import { isFixedWidthList, listField } from './tensor-proto-lists.js';

const DTYPE = 0x08;
const TENSOR_SHAPE = 0x12;
const TENSOR_CONTENT = 0x22;
const STRING_VAL = 0x42;
const DIM = 0x12;
const SIZE = 0x08;

/** In which form values are written. */
export interface TensorProtoEncoding {
  /** Numbers go as raw bytes into `tensor_content`, not into the data type's own list. Strings never do. Default false. */
  readonly asTensorContent?: boolean;
}

/** The bytes of a TensorProto with every value written out, as TensorFlow writes them. */
export function encodeTensorProto(tensor: Tensor, encoding: TensorProtoEncoding = {}): Uint8Array {
  const writer = new WireWriter(roomFor(tensor));
  writeTensorProto(writer, tensor, encoding);
  return writer.finish();
}

/** Back to front, the writer's order. */
export function writeTensorProto(writer: WireWriter, tensor: Tensor, { asTensorContent }: TensorProtoEncoding): void {
  const { dtype, shape, data } = tensor;
  if (dtype === 'string') {
    writeStrings(writer, data);
  } else if (data.length > 0) {
    const field = listField(dtype);
    const before = writer.length;
    const isRaw = asTensorContent || isFixedWidthList(field) || dtype === 'bool';
    writer.raw(isRaw ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : packVarints(data));
    writer.field(asTensorContent ? TENSOR_CONTENT : (field << 3) | 2, before);
  }
  writeShape(writer, shape);
  writer.varint(dataTypeInfo(dtype).number);
  writer.varint(DTYPE);
}

/** Bytes that a tensor's message hardly exceeds. */
export function roomFor({ shape, data }: Tensor): number {
  return 64 + 12 * shape.length + data.byteLength + ('offsets' in data ? 4 * data.length : 0);
}

function writeStrings(writer: WireWriter, strings: StringArray): void {
  for (let i = strings.length - 1; i >= 0; i--) {
    const before = writer.length;
    writer.raw(strings.at(i));
    writer.field(STRING_VAL, before);
  }
}

function writeShape(writer: WireWriter, shape: readonly number[]): void {
  const before = writer.length;
  for (let i = shape.length - 1; i >= 0; i--) {
    const beforeDim = writer.length;
    if (shape[i] !== 0) {
      writer.varint(shape[i]!);
      writer.varint(SIZE);
    }
    writer.field(DIM, beforeDim);
  }
  writer.field(TENSOR_SHAPE, before);
}
