/** Messages of protobuf as lists of their fields, for models that are too large or too little changed to be decoded. */
import { ServingError } from '@serving/core';
import { readFields, WireWriter } from '@serving/protos/tensor';

/** A field of a message. */
export interface MessageField {
  readonly number: number;
  /** Content of a length-delimited field; empty for others. */
  readonly content: Uint8Array;
  /** Value of a varint field; 0 for others. */
  readonly value: number;
  /** The field as it is on the wire, tag included. */
  readonly wire: Uint8Array;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const NOTHING: Uint8Array = new Uint8Array(0);
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * All fields, in order. Contents are views of the message.
 *
 * @throws ServingError `INVALID_ARGUMENT` for bytes that are not a message.
 */
export function messageFields(message: Uint8Array): MessageField[] {
  const fields: MessageField[] = [];
  let start = 0;
  try {
    readFields(message, (tag, reader) => {
      let content = NOTHING;
      let value = 0;
      const type = tag & 7;
      if (type === LENGTH_DELIMITED) {
        const length = reader.uint32();
        const begin = reader.pos;
        reader.skip(length);
        content = message.subarray(begin, reader.pos);
      } else if (type === VARINT) {
        value = Number(reader.int64());
      } else {
        reader.skipType(type);
      }
      fields.push({ number: tag >>> 3, content, value, wire: message.subarray(start, reader.pos) });
      start = reader.pos;
      return true;
    });
  } catch (cause) {
    throw new ServingError('INVALID_ARGUMENT', `not a serialized message: ${ServingError.from(cause).message}`, {
      cause,
    });
  }
  return fields;
}

/** A length-delimited field's content as text. */
export function fieldText({ content }: MessageField): string {
  return decoder.decode(content);
}

/** A length-delimited field. */
export function lengthDelimitedField(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  const writer = new WireWriter(bytes.length + 16);
  writer.raw(bytes);
  writer.field((number << 3) | LENGTH_DELIMITED, 0);
  return writer.finish();
}

/** A field of an integer of at least 0. */
export function varintField(number: number, value: number): Uint8Array {
  const writer = new WireWriter(16);
  writer.varint(value);
  writer.varint(number << 3);
  return writer.finish();
}
