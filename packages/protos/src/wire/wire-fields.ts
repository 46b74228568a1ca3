/** Goes through a message's bytes field by field, for what is too large or too frequent to become objects. */
import protobuf from 'protobufjs/light.js';
import { ensureExactIntegers } from '../tensor/exact-integers.js';

ensureExactIntegers();

/** A field's tag on the wire for fields that have a length: messages, strings, bytes and packed lists. */
export function lengthDelimited(field: number): number {
  return (field << 3) | 2;
}

/**
 * Calls `read` at each field, in order. It takes the field's value from the reader and says so with anything truthy;
 * otherwise the field is skipped. A message's end is its bytes' end.
 *
 * @throws Error, with protobufjs's reason, for bytes that are no message.
 */
export function readFields(bytes: Uint8Array, read: (tag: number, reader: protobuf.Reader) => unknown): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (!read(tag, reader)) reader.skipType(tag & 7);
  }
}

/** The tag of the field that TensorFlow's messages have their name in. */
export const NAME: number = lengthDelimited(1);

/** The name of a serialized message that has it in its first field; empty for none. */
export function nameIn(message: Uint8Array): string {
  let name = '';
  readFields(message, (tag, reader) => {
    if (tag !== NAME) return false;
    name = reader.string();
    return true;
  });
  return name;
}
