/** Inflates a request body as TensorFlow Serving does: exactly one gzip member, checked, and nothing after it. */
import { crc32, type InflateRaw, inflateRaw } from 'node:zlib';
import { type SliceQueue, sliceQueue } from '@serving/core/internal';
import { SLICE_BYTES, type SlicedWork } from '@serving/json-codec';

/** What an inflated body may hold at most: 100 MiB, as in TensorFlow Serving. */
export const MAX_INFLATED_BYTES: number = 104_857_600;

/** Whether `Content-Encoding` asks for inflating: it contains `gzip`, in lower case, anywhere. Other encodings are ignored. */
export function isGzip(encoding: string): boolean {
  return encoding.includes('gzip');
}

/**
 * The inflated body, or an empty one when the bytes are not one intact gzip member or hold more than
 * {@link MAX_INFLATED_BYTES}; the decoder then reports an empty document, as TensorFlow Serving does. Never rejects. It is inflated on a
 * thread of the pool, and checked in slices.
 */
export async function inflateGzip(bytes: Uint8Array, queue: SliceQueue = sliceQueue): Promise<Uint8Array> {
  const start = memberHeaderLength(bytes);
  const end = bytes.length - TRAILER_LENGTH;
  if (start === undefined || end <= start) return empty;
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER_LENGTH);
  const expectedLength = trailer.getUint32(4, true);
  if (expectedLength > MAX_INFLATED_BYTES || expectedLength > MOST_PER_BYTE * (end - start)) return empty;
  const buffer = await inflateMember(bytes.subarray(start, end), expectedLength);
  if (buffer === undefined) return empty;
  const check = new CrcWork(buffer);
  if (buffer.length <= SLICE_BYTES) check.step();
  else await queue.run(check, () => undefined);
  return check.result === trailer.getUint32(0, true) ? buffer : empty;
}

/** All of the member, if it has the length that it claims. */
function inflateMember(member: Uint8Array, expectedLength: number): Promise<Uint8Array | undefined> {
  // In one piece: joining many of them would stall everything else.
  const chunkSize = Math.max(LEAST_CHUNK, expectedLength + 1);
  const options = { info: true, maxOutputLength: Math.max(expectedLength, 1), chunkSize };
  return new Promise((resolve) => {
    inflateRaw(member, options, (error, result) => {
      if (error) return resolve(undefined);
      // With `info` the result is the buffer and the engine, which the type declarations don't know.
      const { buffer, engine } = result as object as { readonly buffer: Buffer; readonly engine: InflateRaw };
      const isWhole = engine.bytesWritten === member.length && buffer.length === expectedLength;
      resolve(isWhole ? buffer : undefined);
    });
  });
}

/** The CRC of a buffer. */
class CrcWork implements SlicedWork<number> {
  result = 0;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  step(): boolean {
    const end = this.#at + CRC_BYTES;
    this.result = crc32(this.#bytes.subarray(this.#at, end), this.result);
    this.#at = end;
    return end >= this.#bytes.length;
  }
}

/** Of a slice: as long as a slice of a decoder takes, this takes for more. */
const CRC_BYTES: number = 4 * SLICE_BYTES;

/** What a byte of a deflated stream can come to at most. */
const MOST_PER_BYTE = 1032;

/** The smallest that zlib takes. */
const LEAST_CHUNK = 64;

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
