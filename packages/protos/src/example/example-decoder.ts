/** Serialized tf.Examples → examples. */
import { ServingError } from '@serving/core';
import type { Example, Feature } from '@serving/core/extend';
import { examplesLimit, type MessageLimit } from '../messages/message-limit.js';
import { readPackedVarints } from '../tensor/packed-varints.js';
import { readFields } from '../wire/wire-fields.js';

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
 * @param limit counts examples, features and byte strings; shared by the examples of a request. Default: one of its own, of 2²¹.
 * @throws ServingError `INVALID_ARGUMENT` for bytes that are not a tf.Example, `RESOURCE_EXHAUSTED` beyond the limit.
 */
export function decodeExample(bytes: Uint8Array, limit: MessageLimit = examplesLimit()): Example {
  limit.add();
  const example = new Map<string, Feature>();
  try {
    readFields(bytes, (tag, reader) => tag === FIELD_1 && readFeatures(reader.bytes(), example, limit));
  } catch (cause) {
    const { code, message } = ServingError.from(cause);
    if (code === 'RESOURCE_EXHAUSTED') throw cause;
    throw new ServingError('INVALID_ARGUMENT', `Can't parse a tf.Example (${message})`, { cause });
  }
  return example;
}

function readFeatures(bytes: Uint8Array, example: Map<string, Feature>, limit: MessageLimit): true {
  readFields(bytes, (tag, reader) => tag === FIELD_1 && readEntry(reader.bytes(), example, limit));
  return true;
}

function readEntry(bytes: Uint8Array, example: Map<string, Feature>, limit: MessageLimit): true {
  limit.add();
  let name = '';
  const value = new FeatureReader(limit);
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) name = reader.string();
    else if (tag === FIELD_2) value.read(reader.bytes());
    else return false;
    return true;
  });
  example.set(name, value.toFeature());
  return true;
}

/** Collects a feature's lists; those of one kind that follow each other are one list. */
class FeatureReader {
  readonly #limit: MessageLimit;
  #kind: Feature['kind'] = 'unset';
  #bytes: Uint8Array[] = [];
  #floats = new Float32Array(0);
  #integers = new BigInt64Array(0);
  /** Of the numbers of this kind. */
  #filled = 0;

  constructor(limit: MessageLimit) {
    this.#limit = limit;
  }

  /** What has been read. */
  toFeature(): Feature {
    switch (this.#kind) {
      case 'bytes':
        return { kind: 'bytes', values: this.#bytes };
      case 'float':
        return { kind: 'float', values: this.#floats.slice(0, this.#filled) };
      case 'int64':
        return { kind: 'int64', values: this.#integers.slice(0, this.#filled) };
      case 'unset':
        return { kind: 'unset', values: [] };
    }
  }

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
    this.#is('bytes');
    readFields(list, (tag, reader) => {
      if (tag !== FIELD_1) return false;
      this.#limit.add();
      return this.#bytes.push(reader.bytes());
    });
  }

  #readFloats(list: Uint8Array): void {
    this.#is('float');
    readFields(list, (tag, reader) => {
      if (tag === SINGLE_FLOAT) this.#addFloats(list.subarray(reader.pos, reader.skip(4).pos));
      else if (tag === FIELD_1) this.#addFloats(reader.bytes());
      else return false;
      return true;
    });
  }

  #addFloats(bytes: Uint8Array): void {
    if (bytes.length % 4 !== 0) throw new RangeError('a list ends within a number');
    const end = this.#filled + bytes.length / 4;
    if (end > this.#floats.length) this.#floats = grown(this.#floats, new Float32Array(roomFor(end, this.#filled)));
    new Uint8Array(this.#floats.buffer).set(bytes, this.#filled * 4);
    this.#filled = end;
  }

  #readIntegers(list: Uint8Array): void {
    this.#is('int64');
    readFields(list, (tag, reader) => {
      if (tag === SINGLE_INT64) this.#addIntegers(list.subarray(reader.pos, reader.skipType(0).pos));
      else if (tag === FIELD_1) this.#addIntegers(reader.bytes());
      else return false;
      return true;
    });
  }

  #addIntegers(varints: Uint8Array): void {
    // No number has fewer bytes than one.
    const end = this.#filled + varints.length;
    if (end > this.#integers.length)
      this.#integers = grown(this.#integers, new BigInt64Array(roomFor(end, this.#filled)));
    this.#filled = readPackedVarints(varints, this.#integers, this.#filled, false);
  }

  /** Another kind replaces what there was. */
  #is(kind: Feature['kind']): void {
    if (this.#kind === kind) return;
    this.#kind = kind;
    this.#bytes = [];
    this.#filled = 0;
  }
}

/** For as many again, once there are some: lists may come in many pieces. */
function roomFor(end: number, filled: number): number {
  return filled === 0 ? end : 2 * end;
}

function grown<Numbers extends Float32Array | BigInt64Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from as never);
  return to;
}
