/** SignatureDef in protobuf text format, which some of TensorFlow Serving's error texts quote. */
import type { SignatureDef } from '@serving/core/extend';
import type { Messages } from '../gen/messages.js';
import { formatMessageText } from '../messages/message.js';

/** Two blanks per level, fields by number, map entries by key, default values left out, a line break at the end. */
export function formatSignatureDef(def: SignatureDef): string {
  return `${formatMessageText('tensorflow.SignatureDef', toSignatureDefMessage(def))}\n`;
}

/** The message, its map entries sorted by key. */
export function toSignatureDefMessage(def: SignatureDef): Messages['tensorflow.SignatureDef'] {
  return toMessage(def) as Messages['tensorflow.SignatureDef'];
}

/** The core's plain objects differ from messages in two things: maps are Maps, and default values are there. */
function toMessage(value: unknown): unknown {
  if (value instanceof Map) {
    return Array.from(value as ReadonlyMap<string, unknown>)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => ({ key, value: toMessage(item) }));
  }
  if (Array.isArray(value)) return value.map(toMessage);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toMessage(item)]));
}
