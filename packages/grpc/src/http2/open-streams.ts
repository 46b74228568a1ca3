/** The streams of one connection: what the frames of its client do to them, and to the connection's windows (RFC 9113, section 5). */
import { checkWindow, type FrameEffects } from './client-frames.js';
import { ClientSettings } from './client-settings.js';
import {
  ConnectionFailure,
  ENHANCE_YOUR_CALM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  STREAM_CLOSED,
} from './error-codes.js';
import { FloodGuard } from './flood-guard.js';
import { ACK, END_STREAM, MAX_WINDOW_BYTES } from './frame-types.js';
import type { FrameWriter } from './frame-writer.js';
import type { HeaderBlock, HeaderBlocks } from './header-blocks.js';
import type { AnswerForm } from './hpack/answer-form.js';
import { Http2Stream, type StreamConnection } from './http2-stream.js';
import { Outgoing, type OutgoingListener } from './outgoing.js';
import { areRegular, type RequestHeaders } from './request-headers.js';

/** What a connection may cost. */
export interface Http2Limits {
  /** Infinite for no limit. */
  readonly maxConcurrentStreams: number;
  /** Bytes of a stream that a client may send before they are read. */
  readonly streamWindow: number;
  /** The same for the streams of a connection together. */
  readonly connectionWindow: number;
  /** Bytes of bodies and answers that wait, beyond which new streams are refused. */
  readonly maxWaitingBytes: number;
}

/** Told of a connection's streams. */
export interface StreamsListener {
  /** A call begins: its `reader` and its `owner` are to be set. */
  call(stream: Http2Stream, headers: RequestHeaders): void;
  /** Its stream is closed. */
  callEnded(): void;
  /** The client has answered a ping. */
  pong(payload: Buffer): void;
}

/** What they are made of. */
export interface StreamsParts {
  readonly writer: FrameWriter;
  readonly blocks: HeaderBlocks;
  readonly form: AnswerForm;
  readonly now: () => number;
}

/** The id of the last stream that a client can open. */
export const LAST_STREAM: number = 2 ** 31 - 1;

/** Streams that were reset, on which frames that were on their way still come. */
const MAX_RESET_STREAMS = 1000;

/** Whatever a client takes, others have their turn between frames. */
const MAX_ANSWER_FRAME_BYTES = 128 * 1024;

export class OpenStreams implements FrameEffects, StreamConnection, OutgoingListener<Http2Stream> {
  readonly outgoing: Outgoing<Http2Stream>;
  readonly #listener: StreamsListener;
  readonly #limits: Http2Limits;
  readonly #writer: FrameWriter;
  readonly #blocks: HeaderBlocks;
  readonly #settings = new ClientSettings();
  readonly #guard: FloodGuard;
  readonly #streams = new Map<number, Http2Stream>();
  readonly #resetStreams = new Set<number>();
  #lastStream = 0;
  /** Streams with higher ids are ignored, as GOAWAY has said. */
  #lastServedStream = LAST_STREAM;
  #receiveWindow: number;
  #consumed = 0;
  #keptBytes = 0;
  /** Of the frame of DATA that is being read. */
  #dataStream: Http2Stream | undefined;
  #dataEndsStream = false;
  #dataBytes = 0;
  #dataLeft = 0;

  constructor({ writer, blocks, form, now }: StreamsParts, limits: Http2Limits, listener: StreamsListener) {
    this.#limits = limits;
    this.#listener = listener;
    this.#guard = new FloodGuard(limits.maxConcurrentStreams, now);
    this.#writer = writer;
    this.#blocks = blocks;
    this.outgoing = new Outgoing(form, writer, this);
    this.#receiveWindow = limits.connectionWindow;
  }

  /** How many are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** The id of the last one that the client has opened. */
  get lastStream(): number {
    return this.#lastStream;
  }

  /** The client has taken what there was: further answers may leave. */
  drained(): void {
    this.#guard.drained();
    this.outgoing.pumpAll();
  }

  /** Ignores those that the client opens from now on. */
  serveNoMore(): void {
    this.#lastServedStream = this.#lastStream;
  }

  /** Closes all, without a word to the client. */
  closeAll(): void {
    for (const stream of [...this.#streams.values()]) this.#closeStream(stream);
  }

  /** Resets a stream. */
  reset(stream: Http2Stream, code: number): void {
    if (stream.isClosed) return;
    this.#writer.resetStream(stream.id, code);
    this.#wasReset(stream.id);
    this.#closeStream(stream);
  }

  consumed(bytes: number): void {
    this.#consumed += bytes;
    if (2 * this.#consumed < this.#limits.connectionWindow) return;
    this.#writer.windowUpdate(0, this.#consumed);
    this.#receiveWindow += this.#consumed;
    this.#consumed = 0;
  }

  consumedOf(stream: Http2Stream, bytes: number): void {
    this.consumed(bytes);
    stream.consumed += bytes;
    if (2 * stream.consumed < this.#limits.streamWindow || stream.isRemoteEnded || stream.isClosed) return;
    this.#writer.windowUpdate(stream.id, stream.consumed);
    stream.receiveWindow += stream.consumed;
    stream.consumed = 0;
  }

  kept(bytes: number): void {
    this.#keptBytes += bytes;
  }

  answered(stream: Http2Stream): void {
    this.#guard.answeredCall();
    if (!stream.isRemoteEnded) this.#wasReset(stream.id);
    this.#closeStream(stream);
  }

  sentData(): void {
    this.#guard.usefulData();
  }

  headers(id: number, flags: number, block: HeaderBlock): void {
    const open = this.#streams.get(id);
    if (open !== undefined) {
      this.#trailers(open, flags, block);
      return;
    }
    if (id % 2 === 0) throw new ConnectionFailure(PROTOCOL_ERROR, `HEADERS on stream ${id}`);
    if (id <= this.#lastStream) {
      this.#blocks.list(block);
      this.#guard.uselessFrame();
      if (this.#resetStreams.has(id)) return;
      throw new ConnectionFailure(STREAM_CLOSED, `HEADERS on stream ${id}, which is closed`);
    }
    this.#lastStream = id;
    const headers = this.#blocks.request(block);
    if (id > this.#lastServedStream) this.#guard.uselessFrame();
    else if (headers === 'malformed') this.#refuse(id, PROTOCOL_ERROR);
    else if (headers === 'too large') this.#refuse(id, ENHANCE_YOUR_CALM);
    else if (this.#isFull()) this.#refuse(id, REFUSED_STREAM);
    else this.#open(id, headers, (flags & END_STREAM) !== 0);
  }

  #isFull(): boolean {
    const { maxConcurrentStreams, maxWaitingBytes } = this.#limits;
    return this.#streams.size >= maxConcurrentStreams || this.#keptBytes + this.outgoing.waitingBytes > maxWaitingBytes;
  }

  #open(id: number, headers: RequestHeaders, isEnded: boolean): void {
    const windows = { receive: this.#limits.streamWindow, send: this.#settings.windowBytes };
    const stream = new Http2Stream(id, this, windows, headers.contentLength);
    if (isEnded && (headers.contentLength ?? 0) > 0) {
      this.#refuse(id, PROTOCOL_ERROR);
      return;
    }
    this.#streams.set(id, stream);
    this.#listener.call(stream, headers);
    if (isEnded && !stream.isClosed) stream.receiveEnd();
  }

  #trailers(stream: Http2Stream, flags: number, block: HeaderBlock): void {
    const list = this.#blocks.list(block);
    if (stream.isRemoteEnded) this.reset(stream, STREAM_CLOSED);
    else if (list === undefined) this.reset(stream, ENHANCE_YOUR_CALM);
    else if ((flags & END_STREAM) === 0 || !areRegular(list, 0)) this.reset(stream, PROTOCOL_ERROR);
    else this.#endBody(stream);
  }

  #refuse(id: number, code: number): void {
    this.#guard.uselessFrame();
    this.#guard.frameAnswer(this.#writer.unsentBytes);
    this.#writer.resetStream(id, code);
    this.#wasReset(id);
  }

  resetStream(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#checkKnown(id, 'RST_STREAM');
      this.#guard.uselessFrame();
      return;
    }
    this.#guard.cancelledCall();
    this.#closeStream(stream);
  }

  settings(bytes: Buffer, start: number, end: number): void {
    this.#guard.uselessFrame();
    this.#guard.frameAnswer(this.#writer.unsentBytes);
    const before = this.#settings.windowBytes;
    this.#settings.apply(bytes, start, end);
    this.outgoing.encoder.limitTable(this.#settings.tableBytes);
    this.outgoing.maxFrameBytes = Math.min(this.#settings.maxFrameBytes, MAX_ANSWER_FRAME_BYTES);
    this.#writer.settings([], ACK);
    const change = this.#settings.windowBytes - before;
    if (change === 0) return;
    for (const stream of this.#streams.values()) {
      stream.sendWindow += change;
      checkWindow(stream.sendWindow);
    }
    if (change > 0) for (const stream of [...this.#streams.values()]) this.outgoing.pump(stream);
  }

  ping(payload: Buffer): void {
    this.#guard.uselessFrame();
    this.#guard.frameAnswer(this.#writer.unsentBytes);
    this.#writer.ping(payload, ACK);
  }

  pong(payload: Buffer): void {
    this.#guard.uselessFrame();
    this.#listener.pong(payload);
  }

  windowUpdate(id: number, increment: number): void {
    this.#guard.uselessFrame();
    if (id === 0) {
      this.outgoing.sendWindow += increment;
      checkWindow(this.outgoing.sendWindow);
      this.outgoing.pumpAll();
      return;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#checkKnown(id, 'WINDOW_UPDATE');
      return;
    }
    stream.sendWindow += increment;
    if (increment === 0) this.reset(stream, PROTOCOL_ERROR);
    else if (stream.sendWindow > MAX_WINDOW_BYTES) this.reset(stream, FLOW_CONTROL_ERROR);
    else this.outgoing.pump(stream);
  }

  ignored(id: number, isWellFormed: boolean): void {
    this.#guard.uselessFrame();
    if (isWellFormed) return;
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.reset(stream, FRAME_SIZE_ERROR);
  }

  dataBegins(flags: number, id: number, payloadBytes: number): void {
    this.#receiveWindow -= payloadBytes;
    if (this.#receiveWindow < 0) throw new ConnectionFailure(FLOW_CONTROL_ERROR, 'DATA beyond the window');
    this.#dataEndsStream = (flags & END_STREAM) !== 0;
    this.#dataBytes = this.#dataLeft = payloadBytes;
    const stream = this.#streams.get(id);
    this.#dataStream = stream;
    if (stream === undefined) this.#dataOfClosed(id);
    else if (stream.isRemoteEnded) this.reset(stream, STREAM_CLOSED);
    else {
      stream.receiveWindow -= payloadBytes;
      if (stream.receiveWindow < 0) this.reset(stream, FLOW_CONTROL_ERROR);
    }
  }

  #dataOfClosed(id: number): void {
    this.#checkKnown(id, 'DATA');
    this.#guard.uselessFrame();
    if (id > this.#lastServedStream || this.#resetStreams.has(id)) return;
    this.#guard.frameAnswer(this.#writer.unsentBytes);
    this.#writer.resetStream(id, STREAM_CLOSED);
    this.#wasReset(id);
  }

  dataPiece(piece: Buffer): void {
    this.#dataLeft -= piece.length;
    const stream = this.#dataStream;
    if (stream === undefined || stream.isClosed) this.consumed(piece.length);
    else stream.receive(piece);
  }

  dataEnds(): void {
    const stream = this.#dataStream;
    this.#dataStream = undefined;
    const padding = this.#dataLeft;
    const isUseless = padding === this.#dataBytes && !this.#dataEndsStream;
    if (isUseless) this.#guard.uselessFrame();
    if (stream === undefined || stream.isClosed) {
      this.consumed(padding);
      return;
    }
    if (!isUseless) this.#guard.usefulData();
    if (padding > 0) this.consumedOf(stream, padding);
    if (stream.announcedBytes !== undefined && stream.bodyBytes > stream.announcedBytes) {
      this.reset(stream, PROTOCOL_ERROR);
    } else if (this.#dataEndsStream) this.#endBody(stream);
  }

  #endBody(stream: Http2Stream): void {
    if (stream.announcedBytes !== undefined && stream.bodyBytes !== stream.announcedBytes) {
      this.reset(stream, PROTOCOL_ERROR);
    } else stream.receiveEnd();
  }

  #checkKnown(id: number, name: string): void {
    if (id <= this.#lastStream && id % 2 === 1) return;
    throw new ConnectionFailure(PROTOCOL_ERROR, `${name} on stream ${id}, which is idle`);
  }

  #wasReset(id: number): void {
    this.#resetStreams.add(id);
    if (this.#resetStreams.size <= MAX_RESET_STREAMS) return;
    for (const oldest of this.#resetStreams) {
      this.#resetStreams.delete(oldest);
      return;
    }
  }

  #closeStream(stream: Http2Stream): void {
    if (stream.isClosed) return;
    this.#streams.delete(stream.id);
    this.outgoing.drop(stream);
    stream.close();
    this.#listener.callEnded();
  }
}
