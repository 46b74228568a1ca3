/** Reads messages of `proto/` in their binary and text forms. */
import textformat from 'protobufjs/ext/textformat.js';
import protobuf from 'protobufjs/light.js';
import { descriptor, type Messages } from '../gen/messages.js';
import { ensureExactIntegers } from '../tensor/exact-integers.js';

ensureExactIntegers();
const root = protobuf.Root.fromJSON(descriptor);

/**
 * Decodes a message into plain objects that hold the fields that are set. Fields that `proto/` doesn't declare are
 * skipped, not kept. Bytes are views of `bytes`.
 *
 * @throws Error, with protobufjs's reason, for bytes that are not such a message.
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

/**
 * Encodes a message given as {@link decodeMessage} gives it.
 *
 * @throws Error, with protobufjs's reason, for a value that the field's type can't hold.
 */
export function encodeMessage<Name extends keyof Messages>(name: Name, message: Messages[Name]): Uint8Array {
  const type = root.lookupType(name);
  return type.encode(type.fromObject(message)).finish();
}

/** The names of a message's fields as its text form has them; none for an unknown type. */
export function fieldNamesOf(typeName: string): string[] {
  const type = root.lookup(typeName);
  if (!(type instanceof protobuf.Type)) return [];
  return type.fieldsArray.map(({ name }) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** The text form of a message: two blanks per level, fields by number, scalars at their default left out. */
export function formatMessageText<Name extends keyof Messages>(name: Name, message: Messages[Name]): string {
  const type = root.lookupType(name);
  type.resolveAll();
  return textformat.toText(type, withoutDefaults(type, message));
}

/** protobufjs prints every field that an object has; on the wire a scalar at its default is not there. */
function withoutDefaults(type: protobuf.Type, message: object): object {
  return Object.fromEntries(
    Object.entries(message).flatMap(([name, value]) => {
      const field = type.fields[name]!;
      const { resolvedType } = field;
      if (resolvedType instanceof protobuf.Type) {
        const convert = (item: object) => withoutDefaults(resolvedType, item);
        return [[name, Array.isArray(value) ? value.map(convert) : convert(value)]];
      }
      const isDefault = field.partOf === null && (value instanceof Uint8Array ? value.length === 0 : !value);
      return isDefault ? [] : [[name, value]];
    }),
  );
}
