/** One growing byte buffer that everything is written into. */
import { ServingError } from '@serving/core';
import { SLICE_BYTES, type SliceBudget, type SliceOptions } from '../slicing/slice-budget.js';

/** How a response is laid out. */
export interface JsonEncodeOptions extends SliceOptions {
  /** Leave out all white space. Default false: the text is laid out as TensorFlow Serving does. */
  readonly compact?: boolean;
  /** Bytes that a response may have. Default: any number. */
  readonly maxBytes?: number;
  /** Where the memory of a response comes from: a `BufferPool` of `@serving/core` has it. Default: Node's own. */
  readonly buffers?: EncodeBuffers | undefined;
}

/** Has memory for responses. */
export interface EncodeBuffers {
  /** Returns memory that the caller keeps. It may hold any bytes. */
  cut(byteLength: number): Uint8Array;
}

/** @throws ServingError `OUT_OF_RANGE` for a response that is longer than what is allowed. */
export function checkLength(length: number, { maxBytes = Number.POSITIVE_INFINITY }: JsonEncodeOptions): void {
  if (length <= maxBytes) return;
  throw new ServingError(
    'OUT_OF_RANGE',
    `The response is larger than ${maxBytes} bytes: ask for fewer rows or outputs, or let the server raise its limit ` +
      '(maxResponseBytes, --rest_api_max_response_bytes)',
  );
}

/** Bytes appended one after the other. Write through the methods, or `reserve` room and use `bytes` and `length` in a loop. */
export class ByteWriter {
  /** The buffer; only its first `length` bytes mean anything. A `reserve` may replace it. */
  bytes: Uint8Array;
  length = 0;

  constructor(capacity: number, buffers?: EncodeBuffers) {
    this.bytes = buffers === undefined ? Buffer.allocUnsafe(capacity) : buffers.cut(capacity);
  }

  /** Makes room for so many bytes more. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(needed, this.bytes.length * 2));
    wider.set(this.bytes.subarray(0, this.length));
    this.bytes = wider;
  }

  /**
   * Makes room for another slice where a large buffer is nearly full: copying it at once would stall everything else. Yields
   * where the budget is used up.
   */
  *reserveSlice(budget: SliceBudget): Generator<void, void> {
    const { bytes: old, length } = this;
    if (old.length < LARGE || length + MOST_WRITTEN <= old.length) return;
    const wider = Buffer.allocUnsafe(old.length * 2);
    for (let at = 0; at < length; at += SLICE_BYTES) {
      if (budget.left <= 0) yield;
      const part = old.subarray(at, Math.min(length, at + SLICE_BYTES));
      wider.set(part, at);
      budget.left -= part.length >> 1;
    }
    this.bytes = wider;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Bytes as they are, of `source` the first `count`. */
  raw(source: Uint8Array, count: number = source.length): void {
    this.reserve(count);
    const { bytes, length } = this;
    if (count <= SHORT) for (let i = 0; i < count; i++) bytes[length + i] = source[i]!;
    else bytes.set(count === source.length ? source : source.subarray(0, count), length);
    this.length = length + count;
  }

  /** Text of ASCII characters only. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** A JSON string of these bytes, with its quotation marks. */
  jsonString(text: Uint8Array, start: number = 0, end: number = text.length): void {
    this.reserve((end - start) * 6 + 2);
    this.bytes[this.length++] = QUOTE;
    this.jsonText(text, start, end);
    this.bytes[this.length++] = QUOTE;
  }

  /** The inside of a JSON string of these bytes, or a part of it. */
  jsonText(text: Uint8Array, start: number, end: number): void {
    this.reserve((end - start) * 6 + 1);
    const { bytes } = this;
    let at = this.length;
    for (let i = start; i < end; i++) {
      const byte = text[i]!;
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) {
        bytes[at++] = byte;
        continue;
      }
      bytes[at++] = BACKSLASH;
      const short = shortEscape(byte);
      if (short !== 0) {
        bytes[at++] = short;
        continue;
      }
      bytes[at++] = 0x75;
      bytes[at++] = 0x30;
      bytes[at++] = 0x30;
      bytes[at++] = 0x30 + (byte >> 4);
      bytes[at++] = HEX.charCodeAt(byte & 15);
    }
    this.length = at;
  }

  /** Line feed and four blanks per level. */
  newLine(level: number): void {
    const count = level * 4;
    this.reserve(count + 1);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = 0x0a;
    for (const end = at + count; at < end; ) bytes[at++] = 0x20;
    this.length = at;
  }

  /** What was written: a view of the buffer. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

/** A smaller buffer is copied in less than the time of a slice. */
const LARGE: number = 4 * 1024 * 1024;

/** More than a slice writes. */
const MOST_WRITTEN: number = 1024 * 1024;

/** Below this many bytes a loop copies faster than a call of `set`. */
const SHORT = 64;

const HEX = '0123456789ABCDEF';

/** The letter of a two-character escape; 0 for a control character without one. */
function shortEscape(byte: number): number {
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
      return byte;
    case 8:
      return 0x62;
    case 9:
      return 0x74;
    case 10:
      return 0x6e;
    case 12:
      return 0x66;
    case 13:
      return 0x72;
    default:
      return 0;
  }
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
