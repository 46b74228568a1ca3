/** The server's side of HTTP/2 on one connection (RFC 9113), made for calls of gRPC. */
import type { Socket } from 'node:net';
import { ClientFrames } from './client-frames.js';
import { INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, MAX_HEADER_LIST_SIZE } from './client-settings.js';
import { ConnectionFailure, NO_ERROR } from './error-codes.js';
import { FrameReader } from './frame-reader.js';
import { INITIAL_WINDOW_BYTES } from './frame-types.js';
import { FrameWriter } from './frame-writer.js';
import { HeaderBlocks, MAX_HEADER_LIST_BYTES } from './header-blocks.js';
import type { AnswerForm } from './hpack/answer-form.js';
import { http1Answer, isHttp1Request } from './http1-answer.js';
import type { Http2Stream } from './http2-stream.js';
import { type Http2Limits, LAST_STREAM, OpenStreams, type StreamsListener } from './open-streams.js';
import type { RequestHeaders } from './request-headers.js';

/** Told of a connection's calls. */
export interface Http2Listener {
  /** A call begins: its `reader` and its `owner` are to be set. */
  call(stream: Http2Stream, headers: RequestHeaders): void;
  /** Its stream is closed. */
  callEnded(): void;
  /** Called once, when all calls have ended and further ones can't come. */
  closed(): void;
}

/** Serves a socket until either side ends it. */
export class Http2Connection implements StreamsListener {
  readonly #socket: Socket;
  readonly #listener: Http2Listener;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #streams: OpenStreams;
  readonly #limits: Http2Limits;
  readonly #pongs = new Map<number, () => void>();
  #pings = 0;
  #hasBegun = false;
  #isClosing = false;
  #isOver = false;

  /** @param now milliseconds, of a clock that does not go back */
  constructor(socket: Socket, limits: Http2Limits, form: AnswerForm, listener: Http2Listener, now: () => number) {
    this.#socket = socket;
    this.#listener = listener;
    this.#limits = limits;
    this.#writer = new FrameWriter(socket);
    const blocks = new HeaderBlocks();
    this.#streams = new OpenStreams({ writer: this.#writer, blocks, form, now }, limits, this);
    this.#reader = new FrameReader(new ClientFrames(this.#streams, blocks));
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => this.#pump());
    for (const event of ['error', 'end', 'close']) socket.on(event, () => this.#end());
  }

  /** The first frames are SETTINGS. They are sent behind the client's first bytes: those may be HTTP/1.1. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { maxConcurrentStreams, streamWindow, connectionWindow } = this.#limits;
    const isLimited = maxConcurrentStreams < 2 ** 32;
    this.#writer.settings([
      ...(isLimited ? [MAX_CONCURRENT_STREAMS, maxConcurrentStreams] : []),
      INITIAL_WINDOW_SIZE,
      streamWindow,
      MAX_HEADER_LIST_SIZE,
      MAX_HEADER_LIST_BYTES,
    ]);
    const more = connectionWindow - INITIAL_WINDOW_BYTES;
    if (more > 0) this.#writer.windowUpdate(0, more);
  }

  /** Whether all calls have ended and further ones can't come. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Calls back when the client has answered, which it does after what it has sent before; not at all where the connection ends first. */
  ping(onPong: () => void): void {
    if (this.#isOver) return;
    this.#begin();
    const payload = Buffer.alloc(8);
    payload.writeUInt32BE(++this.#pings, 4);
    this.#pongs.set(this.#pings, onPong);
    this.#writer.ping(payload);
  }

  /** Tells the client to open no further streams. Those that it opens before it reads so are served. */
  announceClose(reason: string): void {
    if (!this.#isOver && !this.#isClosing) this.#goAway(LAST_STREAM, NO_ERROR, reason);
  }

  /** Closes the connection once the streams that are open are answered. Further ones are ignored; GOAWAY says which. */
  close(): void {
    if (this.#isOver || this.#isClosing) return;
    this.#isClosing = true;
    this.#streams.serveNoMore();
    this.#goAway(this.#streams.lastStream, NO_ERROR, '');
    this.#endIfDone();
  }

  /** Closes the connection at once, and its streams. */
  destroy(): void {
    if (!this.#isOver) {
      this.#goAway(this.#streams.lastStream, NO_ERROR, '');
      this.#end();
    }
    this.#socket.destroy();
  }

  call(stream: Http2Stream, headers: RequestHeaders): void {
    this.#listener.call(stream, headers);
  }

  callEnded(): void {
    this.#listener.callEnded();
    if (this.#isClosing) this.#endIfDone();
  }

  pong(payload: Buffer): void {
    const ping = payload.readUInt32BE(4);
    const onPong = this.#pongs.get(ping);
    this.#pongs.delete(ping);
    onPong?.();
  }

  #read(chunk: Buffer): void {
    if (this.#isOver) return;
    if (!this.#hasBegun && isHttp1Request(chunk)) {
      this.#socket.write(http1Answer);
      this.#end();
      return;
    }
    this.#writer.hold();
    try {
      this.#begin();
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ConnectionFailure)) throw error;
      this.#fail(error);
    } finally {
      this.#writer.release();
    }
  }

  #pump(): void {
    if (this.#isOver) return;
    this.#writer.hold();
    this.#streams.drained();
    this.#writer.release();
  }

  #goAway(lastStream: number, code: number, reason: string): void {
    this.#begin();
    this.#writer.goAway(lastStream, code, reason);
  }

  #endIfDone(): void {
    if (this.#streams.size === 0) this.#end();
  }

  #fail({ code, message }: ConnectionFailure): void {
    if (this.#isOver) return;
    this.#goAway(this.#streams.lastStream, code, message);
    this.#end();
  }

  /** Sends what is written, and ends the socket. What the client still sends is discarded. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader.stop();
    this.#writer.flush();
    this.#socket.end();
    this.#pongs.clear();
    this.#streams.closeAll();
    this.#listener.closed();
  }
}
