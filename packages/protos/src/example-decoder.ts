/** Serialized tf.Examples → examples. */
import { type Example, type Feature, ServingError } from '@serving/core';
import protobuf from 'protobufjs/light.js';
import { readFields } from './wire-fields.js';

/** Tags: field 1 to 3 length-delimited, and the forms of single numbers that packed lists may be given in. */
const FIELD_1 = 0x0a;
const FIELD_2 = 0x12;
const FIELD_3 = 0x1a;
const SINGLE_FLOAT = 0x0d;
const SINGLE_INT64 = 0x08;

/**
 * Reads what {@link encodeExample}, TensorFlow or any other writer of protobuf made of an example: lists packed or not,
 * messages in several pieces, fields that we don't know. The last feature of a name counts, the last kind of a feature
 * too. Bytes are views of `bytes`, numbers are copies.
 *
 * @throws ServingError `INVALID_ARGUMENT` for bytes that are no tf.Example.
 */
export function decodeExample(bytes: Uint8Array): Example {
  const example = new Map<string, Feature>();
  try {
    readFields(bytes, (tag, reader) => tag === FIELD_1 && readFeatures(reader.bytes(), example));
  } catch (cause) {
    throw new ServingError('INVALID_ARGUMENT', `Can't parse a tf.Example (${ServingError.from(cause).message})`, {
      cause,
    });
  }
  return example;
}

function readFeatures(bytes: Uint8Array, example: Map<string, Feature>): true {
  readFields(bytes, (tag, reader) => tag === FIELD_1 && readEntry(reader.bytes(), example));
  return true;
}

function readEntry(bytes: Uint8Array, example: Map<string, Feature>): true {
  let name = '';
  const value = new FeatureReader();
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) name = reader.string();
    else if (tag === FIELD_2) value.read(reader.bytes());
    else return false;
    return true;
  });
  example.set(name, value.feature);
  return true;
}

/** Collects a feature's lists; those of one kind that follow each other are one list. */
class FeatureReader {
  feature: Feature = { kind: 'unset', values: [] };
  #values: unknown[] = [];

  read(bytes: Uint8Array): void {
    readFields(bytes, (tag, reader) => {
      if (tag === FIELD_1) this.#readBytes(reader.bytes());
      else if (tag === FIELD_2) this.#readFloats(reader.bytes());
      else if (tag === FIELD_3) this.#readIntegers(reader.bytes());
      else return false;
      return true;
    });
  }

  #readBytes(list: Uint8Array): void {
    const values = this.#valuesSoFar<Uint8Array>('bytes');
    readFields(list, (tag, reader) => tag === FIELD_1 && values.push(reader.bytes()));
    this.feature = { kind: 'bytes', values };
  }

  #readFloats(list: Uint8Array): void {
    const values = this.#valuesSoFar<number>('float');
    readFields(list, (tag, reader) => {
      if (tag === SINGLE_FLOAT) return values.push(reader.float());
      return tag === FIELD_1 && readPacked(reader.bytes(), (packed) => values.push(packed.float()));
    });
    this.feature = { kind: 'float', values: Float32Array.from(values) };
  }

  #readIntegers(list: Uint8Array): void {
    const values = this.#valuesSoFar<bigint>('int64');
    readFields(list, (tag, reader) => {
      if (tag === SINGLE_INT64) return values.push(int64(reader));
      return tag === FIELD_1 && readPacked(reader.bytes(), (packed) => values.push(int64(packed)));
    });
    this.feature = { kind: 'int64', values: BigInt64Array.from(values) };
  }

  #valuesSoFar<Value>(kind: Feature['kind']): Value[] {
    if (this.feature.kind !== kind) this.#values = [];
    return this.#values as Value[];
  }
}

function readPacked(bytes: Uint8Array, read: (reader: protobuf.Reader) => void): true {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) read(reader);
  return true;
}

function int64(reader: protobuf.Reader): bigint {
  const { high, low } = reader.int64();
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}
