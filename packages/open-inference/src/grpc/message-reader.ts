/** Answers of the service with small messages, decoded by the tables of their fields. */
import { lengthDelimited, readFields } from '@serving/protos/tensor';
import type { MessageSpec } from './message-codec.js';

/** A message by the names of its fields; those that are not there have their defaults, and further fields are skipped. */
export type ReadMessage = Record<string, unknown>;

/** @throws Error, with protobufjs's reason, for bytes that are not a message. */
export function readMessage(spec: MessageSpec, bytes: Uint8Array): ReadMessage {
  const message: ReadMessage = {};
  const byNumber = new Map<number, string>();
  for (const [name, [number, kind, fields]] of Object.entries(spec)) {
    message[name] = kind === 'message' ? readMessage(fields!, NO_BYTES) : defaultOf(kind);
    byNumber.set(number, name);
  }
  readFields(bytes, (tag, reader) => {
    const name = byNumber.get(tag >>> 3);
    if (name === undefined) return false;
    const [number, kind, fields] = spec[name]!;
    if (tag === number << 3) {
      if (kind === 'flag') message[name] = reader.bool();
      else if (kind === 'count') message[name] = Number(reader.uint64());
      else if (kind === 'sizes') (message[name] as number[]).push(Number(reader.int64()));
      else return false;
      return true;
    }
    if (tag !== lengthDelimited(number)) return false;
    if (kind === 'text') message[name] = reader.string();
    else if (kind === 'texts') (message[name] as string[]).push(reader.string());
    else if (kind === 'message') message[name] = readMessage(fields!, reader.bytes());
    else if (kind === 'messages') (message[name] as ReadMessage[]).push(readMessage(fields!, reader.bytes()));
    else if (kind === 'strings') readEntry(reader.bytes(), message[name] as Record<string, string>);
    else if (kind === 'sizes') {
      const sizes = message[name] as number[];
      for (const end = reader.uint32() + reader.pos; reader.pos < end; ) sizes.push(Number(reader.int64()));
    } else return false;
    return true;
  });
  return message;
}

function readEntry(entry: Uint8Array, strings: Record<string, string>): void {
  const { key, value } = readMessage({ key: [1, 'text'], value: [2, 'text'] }, entry);
  strings[key as string] = value as string;
}

function defaultOf(kind: MessageSpec[string][1]): unknown {
  switch (kind) {
    case 'text':
      return '';
    case 'flag':
      return false;
    case 'count':
      return 0;
    case 'strings':
    case 'parameters':
      return Object.create(null);
    default:
      return [];
  }
}

const NO_BYTES = new Uint8Array(0);
