/** Attributes of nodes, from serialized `AttrValue`s. */
import { ServingError } from '@serving/core';
import { dataTypeFromNumber, type PartialShape, type Tensor } from '@serving/core/tensor';
import { decodeTensorProto, lengthDelimited, readFields } from '@serving/protos/tensor';
import type { AttributeValue, FunctionReference } from '../graph/attributes.js';

const NAME = lengthDelimited(1);
const FUNCTION_ATTRIBUTE = lengthDelimited(2);
const KEY = lengthDelimited(1);
const VALUE = lengthDelimited(2);
const SHAPE_DIM = lengthDelimited(2);
const SHAPE_UNKNOWN_RANK = 3 << 3;
const DIM_SIZE = 1 << 3;
const LENGTH_DELIMITED = 2;

/** Attributes hold functions whose attributes hold functions. TensorFlow writes two levels. */
const MAX_DEPTH = 32;

type Reader = Parameters<Parameters<typeof readFields>[1]>[1];

/** Adds a serialized map entry of an attribute. Tensors are decoded when they are read. */
export function readAttributeEntry(entry: Uint8Array, into: Map<string, AttributeValue>, depth = 0): void {
  const { key, value } = readMapEntry(entry);
  const attribute = decodeAttribute(value, depth);
  if (attribute) into.set(key, attribute);
}

/** The key and the serialized value of a map entry. */
export function readMapEntry(entry: Uint8Array): { readonly key: string; readonly value: Uint8Array } {
  let key = '';
  let value: Uint8Array = new Uint8Array(0);
  readFields(entry, (tag, reader) => {
    if (tag === KEY) key = reader.string();
    else if (tag === VALUE) value = reader.bytes();
    else return false;
    return true;
  });
  return { key, value };
}

function decodeAttribute(bytes: Uint8Array, depth: number): AttributeValue | undefined {
  if (depth > MAX_DEPTH) {
    throw new ServingError('DATA_LOSS', `Attributes are nested more than ${MAX_DEPTH} levels deep`);
  }
  let attribute: AttributeValue | undefined;
  readFields(bytes, (tag, reader) => {
    attribute = readValue(tag, reader, depth) ?? attribute;
    return true;
  });
  return attribute;
}

/** A field of `AttrValue`; an unknown one is skipped. */
function readValue(tag: number, reader: Reader, depth: number): AttributeValue | undefined {
  const field = tag >>> 3;
  if (tag === lengthDelimited(1)) return { kind: 'list', value: readList(reader.bytes(), depth) };
  if (tag === lengthDelimited(9)) return { kind: 'placeholder', value: reader.string() };
  const read = scalarReaders[field];
  if (!read || tag !== ((field << 3) | read.wireType)) {
    reader.skipType(tag & 7);
    return undefined;
  }
  return read.read(reader, depth);
}

interface ScalarReader {
  readonly wireType: number;
  read(reader: Reader, depth: number): AttributeValue;
}

const functionReader: ScalarReader = {
  wireType: LENGTH_DELIMITED,
  read: (reader, depth) => ({ kind: 'function', value: decodeFunctionReference(reader.bytes(), depth) }),
};

/** By field number, which is the same in `AttrValue` and its `ListValue` except for functions. */
const scalarReaders: Readonly<Record<number, ScalarReader>> = {
  2: { wireType: LENGTH_DELIMITED, read: (reader) => ({ kind: 'bytes', value: reader.bytes() }) },
  3: { wireType: 0, read: (reader) => ({ kind: 'int', value: readInt64(reader) }) },
  4: { wireType: 5, read: (reader) => ({ kind: 'float', value: reader.float() }) },
  5: { wireType: 0, read: (reader) => ({ kind: 'bool', value: reader.bool() }) },
  6: { wireType: 0, read: (reader) => ({ kind: 'type', value: dataTypeFromNumber(reader.int32()) ?? 'invalid' }) },
  7: { wireType: LENGTH_DELIMITED, read: (reader) => ({ kind: 'shape', value: decodeShape(reader.bytes()) }) },
  8: { wireType: LENGTH_DELIMITED, read: (reader) => new TensorAttribute(reader.bytes()) },
  10: functionReader,
};

function readList(bytes: Uint8Array, depth: number): AttributeValue[] {
  const items: AttributeValue[] = [];
  readFields(bytes, (tag, reader) => {
    const field = tag >>> 3;
    const scalar = field === 9 ? functionReader : field === 10 ? undefined : scalarReaders[field];
    if (!scalar) return false;
    if ((tag & 7) === scalar.wireType) return items.push(scalar.read(reader, depth));
    if ((tag & 7) !== LENGTH_DELIMITED) return false;
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) items.push(scalar.read(reader, depth));
    return true;
  });
  return items;
}

function readInt64(reader: Reader): bigint {
  const { high, low } = reader.int64() as { readonly high: number; readonly low: number };
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function decodeFunctionReference(bytes: Uint8Array, depth: number): FunctionReference {
  const attributes = new Map<string, AttributeValue>();
  let name = '';
  readFields(bytes, (tag, reader) => {
    if (tag === NAME) name = reader.string();
    else if (tag === FUNCTION_ATTRIBUTE) readAttributeEntry(reader.bytes(), attributes, depth + 1);
    else return false;
    return true;
  });
  return { name, attributes };
}

/** A serialized `TensorShapeProto`. */
export function decodeShape(bytes: Uint8Array): PartialShape {
  const shape: number[] = [];
  let isUnknown = false;
  readFields(bytes, (tag, reader) => {
    if (tag === SHAPE_DIM) shape.push(readDimension(reader.bytes()));
    else if (tag === SHAPE_UNKNOWN_RANK) isUnknown = reader.bool();
    else return false;
    return true;
  });
  return isUnknown ? undefined : shape;
}

function readDimension(bytes: Uint8Array): number {
  let size = 0;
  readFields(bytes, (tag, reader) => {
    if (tag !== DIM_SIZE) return false;
    size = Number(readInt64(reader));
    return true;
  });
  return size;
}

/** Decodes its tensor on the first read: a file has more of them than a signature needs. */
class TensorAttribute {
  readonly kind = 'tensor' as const;
  readonly #bytes: Uint8Array;
  #tensor: Tensor | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @throws ServingError `INVALID_ARGUMENT` for a tensor of a type or size that can't be held. */
  get value(): Tensor {
    this.#tensor ??= decodeTensorProto(this.#bytes, 'value');
    return this.#tensor;
  }
}
