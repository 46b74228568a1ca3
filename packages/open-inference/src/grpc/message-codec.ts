/** The small messages of the service, coded by tables of their fields. */
import { lengthDelimited, readFields, WireWriter } from '@serving/protos/tensor';

/** A field's number, and what it holds. `strings` is a map of them. */
type FieldSpec =
  | readonly [number: number, kind: 'text' | 'flag' | 'count' | 'texts' | 'sizes' | 'strings' | 'parameters']
  | readonly [number: number, kind: 'message' | 'messages', fields: MessageSpec];

/** Fields by name, in the order of their numbers. */
export type MessageSpec = Readonly<Record<string, FieldSpec>>;

const VARINT = 0;

/** Encodes a message. Fields at their defaults are left out, as are values without a field. */
export function encodeFields(spec: MessageSpec, message: object): Uint8Array {
  const writer = new WireWriter();
  writeFields(writer, spec, message);
  return writer.finish();
}

/** Back to front, the writer's order. */
function writeFields(writer: WireWriter, spec: MessageSpec, message: object): void {
  for (const [name, field] of Object.entries(spec).reverse()) {
    const value: unknown = Reflect.get(message, name);
    if (value !== undefined) writeField(writer, field, value);
  }
}

function writeField(writer: WireWriter, [number, kind, fields]: FieldSpec, value: unknown): void {
  const tag = lengthDelimited(number);
  switch (kind) {
    case 'text':
      if (value !== '') writeText(writer, tag, value as string);
      return;
    case 'flag':
    case 'count':
      if (!value) return;
      writer.varint(Number(value));
      writer.varint((number << 3) | VARINT);
      return;
    case 'texts':
      for (const text of (value as readonly string[]).toReversed()) writeText(writer, tag, text);
      return;
    case 'sizes':
      writeSizes(writer, tag, value as readonly number[]);
      return;
    case 'parameters':
      for (const [key, parameter] of Object.entries(value as object).reverse()) {
        nested(writer, tag, () => {
          nested(writer, lengthDelimited(2), () => writeParameter(writer, parameter));
          writeText(writer, lengthDelimited(1), key);
        });
      }
      return;
    case 'strings':
      for (const [key, text] of Object.entries(value as object).reverse()) {
        nested(writer, tag, () => {
          writeText(writer, lengthDelimited(2), text as string);
          writeText(writer, lengthDelimited(1), key);
        });
      }
      return;
    case 'message':
      nested(writer, tag, () => writeFields(writer, fields!, value as object));
      return;
    case 'messages':
      for (const item of (value as readonly object[]).toReversed()) {
        nested(writer, tag, () => writeFields(writer, fields!, item));
      }
      return;
  }
}

/** The value of a parameter: integers as int64, other numbers as double. */
function writeParameter(writer: WireWriter, value: unknown): void {
  if (typeof value === 'string') {
    writeText(writer, lengthDelimited(3), value);
  } else if (typeof value === 'boolean') {
    writer.varint(Number(value));
    writer.varint(0x08);
  } else if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
    writer.int64(BigInt(value as number));
    writer.varint(0x10);
  } else {
    writer.raw(new Uint8Array(Float64Array.of(Number(value)).buffer));
    writer.varint(0x21);
  }
}

/** A packed list of dimensions. */
export function writeSizes(writer: WireWriter, tag: number, sizes: readonly number[]): void {
  if (sizes.length === 0) return;
  nested(writer, tag, () => {
    for (const size of sizes.toReversed()) writer.int64(BigInt(size));
  });
}

/** A field of text. */
export function writeText(writer: WireWriter, tag: number, text: string): void {
  nested(writer, tag, () => writer.text(text));
}

/** A field with a length, whose content `write` writes. */
export function nested(writer: WireWriter, tag: number, write: () => void): void {
  const before = writer.length;
  write();
  writer.field(tag, before);
}

/** What requests with small messages have: texts by name, flags, and the values of a map of parameters. */
export type SmallMessage = Readonly<Record<string, string | boolean | Readonly<Record<string, unknown>>>>;

/** Decodes a message of texts, flags and parameters; those that are not there have their defaults. Further fields are skipped. */
export function decodeFields(spec: MessageSpec, bytes: Uint8Array): SmallMessage {
  const message: Record<string, SmallMessage[string]> = {};
  const names = new Map<number, string>();
  for (const [name, [number, kind]] of Object.entries(spec)) {
    message[name] = kind === 'text' ? '' : kind === 'flag' ? false : Object.create(null);
    names.set((number << 3) | (kind === 'flag' ? VARINT : 2), name);
  }
  readFields(bytes, (tag, reader) => {
    const name = names.get(tag);
    if (name === undefined) return false;
    const [, kind] = spec[name]!;
    if (kind === 'text') message[name] = reader.string();
    else if (kind === 'flag') message[name] = reader.bool();
    else readEntry(reader.bytes(), message[name] as Record<string, unknown>);
    return true;
  });
  return message;
}

/** An entry of a map of parameters. */
function readEntry(entry: Uint8Array, parameters: Record<string, unknown>): void {
  let key = '';
  let value: unknown = '';
  readFields(entry, (tag, reader) => {
    if (tag === lengthDelimited(1)) key = reader.string();
    else if (tag === lengthDelimited(2)) value = readParameter(reader.bytes());
    else return false;
    return true;
  });
  parameters[key] = value;
}

/** The value of a parameter; `undefined` where none is set. Integers that a double does not hold exactly are bigints. */
export function readParameter(bytes: Uint8Array): string | number | bigint | boolean | Uint8Array | undefined {
  let value: string | number | bigint | boolean | Uint8Array | undefined;
  readFields(bytes, (tag, reader) => {
    if (tag === 0x08) value = reader.bool();
    else if (tag === 0x10) value = exact(reader.int64());
    else if (tag === lengthDelimited(3)) value = reader.string();
    else if (tag === 0x21) value = reader.double();
    else if (tag === 0x28) value = exact(reader.uint64());
    else if (tag === lengthDelimited(4)) value = reader.bytes();
    else return false;
    return true;
  });
  return value;
}

function exact(value: { toString(): string }): number | bigint {
  const integer = BigInt(value.toString());
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
