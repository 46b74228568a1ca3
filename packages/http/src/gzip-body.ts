/** Inflates a request body as TensorFlow Serving does: exactly one gzip member, checked, and nothing after it. */
import { crc32, type InflateRaw, inflateRaw } from 'node:zlib';

/** What an inflated body may hold at most: 100 MiB, as upstream. */
export const MAX_INFLATED_BYTES: number = 104_857_600;

/**
 * Whether a `Content-Encoding` asks for inflating: it contains `gzip`, in lower case, anywhere. Other encodings are ignored.
 */
export function isGzip(contentEncoding: string | undefined): boolean {
  return contentEncoding?.includes('gzip') ?? false;
}

/**
 * The inflated body, or an empty one when the bytes are not one intact gzip member or hold more than
 * {@link MAX_INFLATED_BYTES}; the decoder then reports an empty document, as upstream does. Never rejects.
 */
export function inflateGzip(bytes: Uint8Array): Promise<Uint8Array> {
  const start = memberHeaderLength(bytes);
  const end = bytes.length - TRAILER_LENGTH;
  if (start === undefined || end <= start) return Promise.resolve(empty);
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER_LENGTH);
  const expectedLength = trailer.getUint32(4, true);
  if (expectedLength > MAX_INFLATED_BYTES) return Promise.resolve(empty);
  const options = { info: true, maxOutputLength: Math.max(expectedLength, 1) };
  return new Promise((resolve) => {
    inflateRaw(bytes.subarray(start, end), options, (error, result) => {
      if (error) return resolve(empty);
      // With `info` the result is the buffer and the engine, which the type declarations don't know.
      const { buffer, engine } = result as object as { readonly buffer: Buffer; readonly engine: InflateRaw };
      const intact =
        engine.bytesWritten === end - start &&
        buffer.length === expectedLength &&
        crc32(buffer) === trailer.getUint32(0, true);
      resolve(intact ? buffer : empty);
    });
  });
}

const empty = new Uint8Array(0);
const FIXED_HEADER_LENGTH = 10;
const TRAILER_LENGTH = 8;
const flag = { headerCrc: 0x02, extra: 0x04, name: 0x08, comment: 0x10, reserved: 0xe0 } as const;

/** Length of the member's header (RFC 1952), `undefined` when it isn't one. */
function memberHeaderLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < FIXED_HEADER_LENGTH || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) return undefined;
  const flags = bytes[3]!;
  if (flags & flag.reserved) return undefined;
  let at = FIXED_HEADER_LENGTH;
  if (flags & flag.extra) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const text of [flag.name, flag.comment]) {
    if (!(flags & text)) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return undefined;
    at = end + 1;
  }
  return flags & flag.headerCrc ? at + 2 : at;
}
