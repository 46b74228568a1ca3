/** Frames of HTTP/2 out of the pieces that a connection's bytes come in. */
import { ConnectionFailure, FRAME_SIZE_ERROR, PROTOCOL_ERROR } from './error-codes.js';
import { DATA, FRAME_HEADER_BYTES, MAX_FRAME_BYTES, PADDED } from './frame-types.js';

/** With which every client begins (RFC 9113, section 3.4). */
export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** What frames are for. Each method may throw a {@link ConnectionFailure}, after which nothing further may be read. */
export interface FrameSink {
  /** A frame of another type than DATA, whose payload is at these places. It is valid during the call only. */
  frame(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void;
  /** A frame of DATA begins. Its content follows in pieces, without its padding. */
  dataBegins(flags: number, stream: number, payloadBytes: number): void;
  dataPiece(piece: Buffer): void;
  dataEnds(): void;
}

const IN_PREFACE = 0;
const IN_HEADER = 1;
const IN_PAYLOAD = 2;
const AT_PADDING_LENGTH = 3;
const IN_DATA = 4;
const IN_PADDING = 5;
const STOPPED = 6;

/** Reads frames where they lie. Only those that are cut between two pieces are copied, and DATA is not even then. */
export class FrameReader {
  readonly #sink: FrameSink;
  #state = IN_PREFACE;
  /** Bytes of the preface, header or payload that came in earlier pieces. */
  #gathered = 0;
  readonly #header: Buffer = Buffer.alloc(FRAME_HEADER_BYTES);
  #payload: Buffer = Buffer.alloc(0);
  #type = 0;
  #flags = 0;
  #stream = 0;
  /** Of the payload; of DATA what is left of it. */
  #length = 0;
  #paddingBytes = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Ignores everything from now on, also the rest of the piece that is being read. */
  stop(): void {
    this.#state = STOPPED;
    this.#payload = Buffer.alloc(0);
  }

  /** @throws ConnectionFailure for bytes that are not HTTP/2, or more than {@link MAX_FRAME_BYTES} in a frame; and what the sink throws. */
  push(chunk: Buffer): void {
    const end = chunk.length;
    let at = 0;
    while (at < end) {
      switch (this.#state) {
        case IN_HEADER:
          at = this.#readHeader(chunk, at);
          break;
        case IN_PAYLOAD:
          at = this.#readPayload(chunk, at);
          break;
        case AT_PADDING_LENGTH:
          at = this.#readPaddingLength(chunk, at);
          break;
        case IN_DATA:
          at = this.#readData(chunk, at);
          break;
        case IN_PADDING:
          at = this.#skipPadding(chunk, at);
          break;
        case IN_PREFACE:
          at = this.#readPreface(chunk, at);
          break;
        default:
          return;
      }
    }
  }

  #readPreface(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.#gathered < PREFACE.length) {
      if (chunk[at++] !== PREFACE[this.#gathered++]) {
        throw new ConnectionFailure(PROTOCOL_ERROR, 'The connection does not begin with HTTP/2');
      }
    }
    if (this.#gathered === PREFACE.length) this.#toHeader();
    return at;
  }

  #toHeader(): void {
    // Where the sink has not stopped it.
    if (this.#state === STOPPED) return;
    this.#state = IN_HEADER;
    this.#gathered = 0;
  }

  #readHeader(chunk: Buffer, from: number): number {
    if (this.#gathered === 0 && chunk.length - from >= FRAME_HEADER_BYTES) {
      this.#begin(chunk, from);
      return from + FRAME_HEADER_BYTES;
    }
    let at = from;
    while (at < chunk.length && this.#gathered < FRAME_HEADER_BYTES) this.#header[this.#gathered++] = chunk[at++]!;
    if (this.#gathered === FRAME_HEADER_BYTES) this.#begin(this.#header, 0);
    return at;
  }

  #begin(bytes: Buffer, at: number): void {
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (length > MAX_FRAME_BYTES) {
      throw new ConnectionFailure(FRAME_SIZE_ERROR, `A frame of ${length} bytes, beyond ${MAX_FRAME_BYTES}`);
    }
    const type = bytes[at + 3]!;
    const flags = bytes[at + 4]!;
    const stream = ((bytes[at + 5]! & 0x7f) << 24) | (bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!;
    this.#gathered = 0;
    this.#length = length;
    this.#flags = flags;
    this.#type = type;
    this.#stream = stream;
    if (type === DATA) this.#beginData(flags, stream, length);
    else if (length > 0) this.#state = IN_PAYLOAD;
    else {
      this.#sink.frame(type, flags, stream, bytes, at, at);
      this.#toHeader();
    }
  }

  #readPayload(chunk: Buffer, from: number): number {
    const length = this.#length;
    let at = from + length;
    if (this.#gathered === 0 && at <= chunk.length) {
      this.#sink.frame(this.#type, this.#flags, this.#stream, chunk, from, at);
      this.#toHeader();
      return at;
    }
    if (this.#gathered === 0) this.#payload = Buffer.allocUnsafe(length);
    at = Math.min(chunk.length, from + length - this.#gathered);
    chunk.copy(this.#payload, this.#gathered, from, at);
    this.#gathered += at - from;
    if (this.#gathered < length) return at;
    const payload = this.#payload;
    this.#payload = Buffer.alloc(0);
    this.#sink.frame(this.#type, this.#flags, this.#stream, payload, 0, length);
    this.#toHeader();
    return at;
  }

  #beginData(flags: number, stream: number, length: number): void {
    this.#paddingBytes = 0;
    this.#sink.dataBegins(flags, stream, length);
    if (this.#state === STOPPED) return;
    if ((flags & PADDED) === 0) this.#continueData();
    else if (length > 0) this.#state = AT_PADDING_LENGTH;
    else throw new ConnectionFailure(FRAME_SIZE_ERROR, 'A padded frame without the length of its padding');
  }

  #readPaddingLength(chunk: Buffer, at: number): number {
    this.#paddingBytes = chunk[at]!;
    this.#length -= 1 + this.#paddingBytes;
    if (this.#length < 0) throw new ConnectionFailure(PROTOCOL_ERROR, 'A frame with more padding than bytes');
    this.#continueData();
    return at + 1;
  }

  #readData(chunk: Buffer, from: number): number {
    const at = Math.min(chunk.length, from + this.#length);
    this.#length -= at - from;
    this.#sink.dataPiece(chunk.subarray(from, at));
    if (this.#state !== STOPPED && this.#length === 0) this.#continueData();
    return at;
  }

  #skipPadding(chunk: Buffer, from: number): number {
    const at = Math.min(chunk.length, from + this.#paddingBytes);
    this.#paddingBytes -= at - from;
    if (this.#paddingBytes === 0) this.#continueData();
    return at;
  }

  #continueData(): void {
    if (this.#length > 0) this.#state = IN_DATA;
    else if (this.#paddingBytes > 0) this.#state = IN_PADDING;
    else {
      this.#sink.dataEnds();
      this.#toHeader();
    }
  }
}
