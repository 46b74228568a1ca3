/** Reads messages of `proto/` in their binary and text forms. */
import textformat from 'protobufjs/ext/textformat.js';
import protobuf from 'protobufjs/light.js';
import { descriptor, type Messages } from './gen/messages.js';

const root = protobuf.Root.fromJSON(descriptor);

/**
 * Decodes a message into plain objects that hold the fields that are set. Fields that `proto/` doesn't declare are
 * skipped, not kept. Bytes are views of `bytes`.
 *
 * @throws Error, with protobufjs's reason, for bytes that are no such message.
 */
export function decodeMessage<Name extends keyof Messages>(name: Name, bytes: Uint8Array): Messages[Name] {
  const type = root.lookupType(name);
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = true;
  return type.toObject(type.decode(reader), { longs: BigInt }) as Messages[Name];
}

/**
 * Parses a message's text form into the same plain objects. A field that is neither declared nor reserved is an error.
 *
 * @throws Error, with the reason and the line of the text.
 */
export function parseMessageText<Name extends keyof Messages>(name: Name, text: string): Messages[Name] {
  const type = root.lookupType(name);
  return type.toObject(textformat.fromText(type, text), { longs: BigInt }) as Messages[Name];
}
