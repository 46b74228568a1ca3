/** Encodes messages, for tests. */
import protobuf from 'protobufjs/light.js';
import { descriptor, type Messages } from '../gen/messages.js';

/** The bytes of a message given as a plain object (camelCase names, maps as lists of `{ key, value }`). */
export function encodeMessage(name: keyof Messages, message: object): Uint8Array {
  const type = protobuf.Root.fromJSON(descriptor).lookupType(name);
  return type.encode(type.fromObject({ ...message })).finish();
}
