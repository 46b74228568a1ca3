/** What frames of a client have to be like, whatever they are for (RFC 9113, section 6). */
import { ConnectionFailure, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, PROTOCOL_ERROR } from './error-codes.js';
import type { FrameSink } from './frame-reader.js';
import {
  ACK,
  CONTINUATION,
  END_HEADERS,
  GOAWAY,
  HAS_PRIORITY,
  HEADERS,
  MAX_WINDOW_BYTES,
  PADDED,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame-types.js';
import type { HeaderBlock, HeaderBlocks } from './header-blocks.js';

/** What frames do to a connection. Each method may throw a {@link ConnectionFailure}. */
export interface FrameEffects extends Omit<FrameSink, 'frame'> {
  /** A block of headers is complete. */
  headers(stream: number, flags: number, block: HeaderBlock): void;
  resetStream(stream: number): void;
  /** Called with the payload's places. */
  settings(bytes: Buffer, start: number, end: number): void;
  ping(payload: Buffer): void;
  /** Our ping was answered. */
  pong(payload: Buffer): void;
  /** @param increment may be 0, which is wrong */
  windowUpdate(stream: number, increment: number): void;
  /** A frame that changes nothing, on a stream that can be reset if it is not as it should be. */
  ignored(stream: number, isWellFormed: boolean): void;
}

/** Checks frames, and puts blocks of headers together. */
export class ClientFrames implements FrameSink {
  readonly #effects: FrameEffects;
  readonly #blocks: HeaderBlocks;
  #hasSettings = false;

  constructor(effects: FrameEffects, blocks: HeaderBlocks) {
    this.#effects = effects;
    this.#blocks = blocks;
  }

  frame(type: number, flags: number, stream: number, bytes: Buffer, start: number, end: number): void {
    if (type !== HEADERS) this.#checkOrder(type);
    else if (!this.#hasSettings || this.#blocks.isOpen) this.#checkOrder(type);
    const length = end - start;
    switch (type) {
      case HEADERS:
        this.#headers(flags, stream, bytes, start, end);
        break;
      case CONTINUATION:
        this.#blocks.add(stream, bytes.subarray(start, end));
        if (flags & END_HEADERS) this.#complete();
        break;
      case RST_STREAM:
        this.#check(stream, true, length === 4, 'RST_STREAM');
        this.#effects.resetStream(stream);
        break;
      case SETTINGS:
        this.#check(stream, false, length % 6 === 0 && ((flags & ACK) === 0 || length === 0), 'SETTINGS');
        this.#hasSettings = true;
        if ((flags & ACK) === 0) this.#effects.settings(bytes, start, end);
        break;
      case PING:
        this.#check(stream, false, length === 8, 'PING');
        if (flags & ACK) this.#effects.pong(bytes.subarray(start, end));
        else this.#effects.ping(bytes.subarray(start, end));
        break;
      case WINDOW_UPDATE:
        this.#check(stream, undefined, length === 4, 'WINDOW_UPDATE');
        this.#windowUpdate(stream, bytes.readUInt32BE(start) & MAX_WINDOW_BYTES);
        break;
      case PRIORITY:
        this.#check(stream, true, true, 'PRIORITY');
        this.#effects.ignored(stream, length === 5);
        break;
      case GOAWAY:
        this.#check(stream, false, length >= 8, 'GOAWAY');
        this.#effects.ignored(0, true);
        break;
      case PUSH_PROMISE:
        throw new ConnectionFailure(PROTOCOL_ERROR, 'PUSH_PROMISE of a client');
      default:
        this.#effects.ignored(0, true);
    }
  }

  dataBegins(flags: number, stream: number, payloadBytes: number): void {
    if (!this.#hasSettings || this.#blocks.isOpen) this.#checkOrder(-1);
    if (stream === 0) throw new ConnectionFailure(PROTOCOL_ERROR, 'DATA on stream 0');
    this.#effects.dataBegins(flags, stream, payloadBytes);
  }

  dataPiece(piece: Buffer): void {
    this.#effects.dataPiece(piece);
  }

  dataEnds(): void {
    this.#effects.dataEnds();
  }

  #checkOrder(type: number): void {
    if (!this.#hasSettings && type !== SETTINGS) {
      throw new ConnectionFailure(PROTOCOL_ERROR, 'The first frame is not SETTINGS');
    }
    if (this.#blocks.isOpen === (type === CONTINUATION)) return;
    const what = type === CONTINUATION ? 'CONTINUATION of no block of headers' : 'A frame within a block of headers';
    throw new ConnectionFailure(PROTOCOL_ERROR, what);
  }

  /** @param isOfStream `undefined` for both */
  #check(stream: number, isOfStream: boolean | undefined, hasSize: boolean, name: string): void {
    if (isOfStream !== undefined && isOfStream !== stream > 0) {
      throw new ConnectionFailure(PROTOCOL_ERROR, `${name} on stream ${stream}`);
    }
    if (!hasSize) throw new ConnectionFailure(FRAME_SIZE_ERROR, `${name} of a wrong size`);
  }

  #headers(flags: number, stream: number, bytes: Buffer, from: number, to: number): void {
    if (stream === 0) throw new ConnectionFailure(PROTOCOL_ERROR, 'HEADERS on stream 0');
    let start = from;
    let end = to;
    if (flags & PADDED) {
      if (start === end) throw new ConnectionFailure(FRAME_SIZE_ERROR, 'HEADERS without the length of their padding');
      end -= bytes[start++]!;
    }
    if (flags & HAS_PRIORITY) start += 5;
    if (start > end) {
      const isPadding = (flags & PADDED) !== 0;
      const code = isPadding ? PROTOCOL_ERROR : FRAME_SIZE_ERROR;
      throw new ConnectionFailure(code, 'HEADERS of fewer bytes than they say');
    }
    if (flags & END_HEADERS) this.#effects.headers(stream, flags, { bytes, start, end });
    else this.#blocks.begin(stream, flags, bytes.subarray(start, end));
  }

  #complete(): void {
    const { stream, flags, ...block } = this.#blocks.take();
    this.#effects.headers(stream, flags, block);
  }

  #windowUpdate(stream: number, increment: number): void {
    if (stream === 0 && increment === 0) throw new ConnectionFailure(PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
    this.#effects.windowUpdate(stream, increment);
  }
}

/** @throws ConnectionFailure for a window that HTTP/2 does not allow. */
export function checkWindow(bytes: number): void {
  if (bytes > MAX_WINDOW_BYTES) throw new ConnectionFailure(FLOW_CONTROL_ERROR, `A window of ${bytes} bytes`);
}
