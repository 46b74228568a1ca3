/** Answers on their way to a client, as fast as it takes them (RFC 9113, section 5.2). */
import { NO_ERROR } from './error-codes.js';
import { INITIAL_WINDOW_BYTES, MAX_FRAME_BYTES } from './frame-types.js';
import type { FrameWriter } from './frame-writer.js';
import { AnswerEncoder, type AnswerForm } from './hpack/answer-form.js';

/** A stream lets others go on after these. */
const TURN_BYTES = 128 * 1024;

/** A message of at most these leaves by one copy. */
const MAX_SMALL_BYTES = 4 * 1024;

const MESSAGE_HEADER_BYTES = 5;

/** Something that is to be sent. */
export interface OutgoingPiece {
  readonly bytes: Buffer;
  /** Called when it has left, or can't any more. */
  readonly done: ((error?: Error | null) => void) | undefined;
}

/** What a stream has to send: headers, then pieces, then trailers. */
export interface OutgoingStream {
  readonly id: number;
  /** The client has sent all of its body. */
  readonly isRemoteEnded: boolean;
  /** Whether something waits to leave. */
  readonly hasOutput: boolean;
  /** Bytes that may leave; SETTINGS may make it negative. */
  sendWindow: number;
  headers: Buffer | undefined;
  readonly pieces: OutgoingPiece[];
  /** Bytes of the first piece that have left. */
  pieceAt: number;
  trailers: Buffer | undefined;
  /** The headers are all there is. */
  isHeadersOnly: boolean;
}

/** What it tells its connection. */
export interface OutgoingListener<Stream> {
  /** A stream's answer has left, and RST_STREAM behind it where the client has not ended its body. */
  answered(stream: Stream): void;
  sentData(): void;
}

/** Those of one connection. What the client can't take yet is kept as it was given, not copied. */
export class Outgoing<Stream extends OutgoingStream> {
  /** Bytes that may leave, of all streams together. */
  sendWindow: number = INITIAL_WINDOW_BYTES;
  maxFrameBytes: number = MAX_FRAME_BYTES;
  /** Bytes of answers that wait. */
  waitingBytes = 0;
  readonly encoder: AnswerEncoder;
  readonly #form: AnswerForm;
  readonly #writer: FrameWriter;
  readonly #listener: OutgoingListener<Stream>;
  /** Streams that wait for others, the connection's window or its socket. */
  readonly #waiting = new Set<Stream>();
  #isInRound = false;

  constructor(form: AnswerForm, writer: FrameWriter, listener: OutgoingListener<Stream>) {
    this.encoder = new AnswerEncoder(form);
    this.#form = form;
    this.#writer = writer;
    this.#listener = listener;
  }

  /** The block of the headers that most answers have. */
  get usualHeaders(): Buffer {
    return this.#form.headers.literals;
  }

  /** The same of trailers. */
  get usualTrailers(): Buffer {
    return this.#form.trailers.literals;
  }

  /** The only message of a stream that has sent nothing but, perhaps, headers, and its end. Returns whether it has left. */
  sendAnswer(stream: Stream, hasHeaders: boolean, content: Uint8Array): boolean {
    const length = content.length + MESSAGE_HEADER_BYTES;
    if (length > MAX_SMALL_BYTES || length > this.sendWindow || length > stream.sendWindow) return false;
    if (stream.hasOutput || this.#writer.isCongested) return false;
    if (!hasHeaders) this.#writer.headers(stream.id, this.encoder.headers(), false, this.maxFrameBytes);
    this.sendWindow -= length;
    this.#writer.message(stream.id, content);
    this.#writer.headers(stream.id, this.encoder.trailers(), true, this.maxFrameBytes);
    this.#end(stream);
    return true;
  }

  sendHeaders(stream: Stream, block: Buffer, isAll: boolean): void {
    stream.headers = block;
    stream.isHeadersOnly = isAll;
    this.pump(stream);
  }

  sendPieces(stream: Stream, pieces: readonly Buffer[], done?: (error?: Error | null) => void): void {
    const last = pieces.length - 1;
    for (let i = 0; i <= last; i++) {
      stream.pieces.push({ bytes: pieces[i]!, done: i === last ? done : undefined });
      this.waitingBytes += pieces[i]!.length;
    }
    this.pump(stream);
  }

  sendTrailers(stream: Stream, block: Buffer): void {
    stream.trailers = block;
    this.pump(stream);
  }

  /** Gives up what a stream has not sent. */
  drop(stream: Stream): void {
    this.#waiting.delete(stream);
    stream.headers = undefined;
    stream.trailers = undefined;
    for (const { bytes } of stream.pieces.splice(0)) this.waitingBytes -= bytes.length;
    this.waitingBytes += stream.pieceAt;
    stream.pieceAt = 0;
  }

  /** Sends what streams wait with, in turn, as far as the client takes it. */
  pumpAll(): void {
    this.#isInRound = true;
    for (let hasSent = true; hasSent && this.#waiting.size > 0; ) {
      hasSent = false;
      const round = [...this.#waiting];
      this.#waiting.clear();
      for (const stream of round) if (this.pump(stream)) hasSent = true;
    }
    this.#isInRound = false;
  }

  /** Sends what a stream has, as far as the client takes it. Returns whether it has sent anything. */
  pump(stream: Stream): boolean {
    // Streams that wait outside a round do so for an event, which has this one go on, too.
    let turnBytes = this.#isInRound || this.#waiting.size > 0 ? TURN_BYTES : Number.POSITIVE_INFINITY;
    let hasSent = false;
    while (stream.hasOutput) {
      if (turnBytes <= 0 || this.#writer.isCongested) {
        this.#waiting.add(stream);
        return hasSent;
      }
      if (stream.headers !== undefined) this.#sendHeaders(stream);
      else if (stream.pieces.length > 0) {
        const sent = this.#sendData(stream);
        if (sent < 0) return hasSent;
        turnBytes -= sent;
      } else this.#sendTrailers(stream);
      hasSent = true;
    }
    return hasSent;
  }

  #sendHeaders(stream: Stream): void {
    const block = stream.headers!;
    stream.headers = undefined;
    const encoded = block === this.usualHeaders ? this.encoder.headers() : this.encoder.other(block);
    this.#writer.headers(stream.id, encoded, stream.isHeadersOnly, this.maxFrameBytes);
    if (stream.isHeadersOnly) this.#end(stream);
  }

  /** One frame. Returns its bytes, and -1 where a window is closed. */
  #sendData(stream: Stream): number {
    const { bytes, done } = stream.pieces[0]!;
    const left = bytes.length - stream.pieceAt;
    const length = Math.min(left, this.maxFrameBytes, this.sendWindow, stream.sendWindow);
    if (length <= 0 && left > 0) {
      // Its own window opens by a frame for it alone.
      if (stream.sendWindow > 0) this.#waiting.add(stream);
      return -1;
    }
    this.sendWindow -= length;
    stream.sendWindow -= length;
    this.waitingBytes -= length;
    this.#writer.data(stream.id, bytes.subarray(stream.pieceAt, stream.pieceAt + length));
    this.#listener.sentData();
    stream.pieceAt += length;
    if (stream.pieceAt < bytes.length) return length;
    stream.pieces.shift();
    stream.pieceAt = 0;
    done?.();
    return length;
  }

  #sendTrailers(stream: Stream): void {
    const block = stream.trailers!;
    stream.trailers = undefined;
    const encoded = block === this.usualTrailers ? this.encoder.trailers() : this.encoder.other(block);
    this.#writer.headers(stream.id, encoded, true, this.maxFrameBytes);
    this.#end(stream);
  }

  #end(stream: Stream): void {
    if (!stream.isRemoteEnded) this.#writer.resetStream(stream.id, NO_ERROR);
    this.#listener.answered(stream);
  }
}
