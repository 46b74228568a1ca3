/** HPACK: blocks of headers that need nothing remembered (RFC 7541). */
import { staticIndexes } from './static-table.js';

/** Names in lower case, and values with a character for each byte. */
export type HeaderFields = readonly (readonly [name: string, value: string])[];

/** How a header is written that is not in a table. */
export const WITHOUT_INDEXING = { prefix: 0x00, mask: 0x0f } as const;
/** The same for one that the peer is to remember. */
export const WITH_INDEXING = { prefix: 0x40, mask: 0x3f } as const;

/** Encodes headers as literals: the bytes mean the same on each connection. */
export function encodeLiterals(
  fields: HeaderFields,
  form: typeof WITHOUT_INDEXING | typeof WITH_INDEXING = WITHOUT_INDEXING,
): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of fields) {
    const index = staticIndexes.get(name) ?? 0;
    parts.push(encodeInteger(index, form.prefix, form.mask));
    if (index === 0) parts.push(encodeString(name));
    parts.push(encodeString(value));
  }
  return Buffer.concat(parts);
}

/** A number of HPACK, whose first byte begins with `prefix`. */
export function encodeInteger(value: number, prefix: number, mask: number): Buffer {
  if (value < mask) return Buffer.of(prefix | value);
  const bytes = [prefix | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([encodeInteger(bytes.length, 0, 0x7f), bytes]);
}
