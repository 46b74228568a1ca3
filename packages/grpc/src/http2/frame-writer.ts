/** Frames of HTTP/2 on their way out: those of one turn of the event loop leave together. */
import type { Socket } from 'node:net';
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  FRAME_HEADER_BYTES,
  GOAWAY,
  HEADERS,
  PING,
  RST_STREAM,
  SETTINGS,
  WINDOW_UPDATE,
} from './frame-types.js';

/** Frames are put behind each other in pieces of memory of this size. */
const SLAB_BYTES = 32 * 1024;

/** Content of more bytes is not copied. */
const MAX_COPIED_BYTES = 4 * 1024;

/** That many are not kept until the turn ends. */
const FLUSH_BYTES = 256 * 1024;

/** Beyond these, which the client has not taken, nothing that can wait is written. */
const CONGESTED_BYTES = 512 * 1024;

/** Writes to a socket. Nothing of it throws; after the socket's end it is without effect. */
export class FrameWriter {
  readonly #socket: Socket;
  readonly #flushLater = (): void => {
    this.#isScheduled = false;
    this.flush();
  };
  #slab: Buffer = Buffer.alloc(0);
  /** What of the slab has been written to the socket, and what has been filled. */
  #start = 0;
  #end = 0;
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  #isScheduled = false;
  #isHeld = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes that the system has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength + this.#piecesBytes + this.#end - this.#start;
  }

  /** Whether what can wait should. The socket's event `drain` comes once it need not. */
  get isCongested(): boolean {
    return this.unsentBytes >= CONGESTED_BYTES;
  }

  /** Keeps what is written until {@link release}. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.flush();
  }

  /** Gives everything to the socket. */
  flush(): void {
    this.#closePiece();
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    this.#pieces = [];
    this.#piecesBytes = 0;
    const socket = this.#socket;
    if (!socket.writable) return;
    if (pieces.length === 1) {
      socket.write(pieces[0]!);
      return;
    }
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
  }

  /** @param maxFrameBytes what is larger is continued in further frames */
  headers(stream: number, block: Uint8Array, endsStream: boolean, maxFrameBytes: number): void {
    const first = Math.min(block.length, maxFrameBytes);
    const flags = (endsStream ? END_STREAM : 0) | (first === block.length ? END_HEADERS : 0);
    this.#frame(HEADERS, flags, stream, first);
    this.#copy(block.subarray(0, first));
    for (let at = first; at < block.length; at += maxFrameBytes) {
      const part = block.subarray(at, at + maxFrameBytes);
      this.#frame(CONTINUATION, at + part.length === block.length ? END_HEADERS : 0, stream, part.length);
      this.#copy(part);
    }
  }

  /** A frame of DATA, whose content must not be changed from then on. */
  data(stream: number, content: Buffer): void {
    this.#frame(DATA, 0, stream, content.length);
    if (content.length <= MAX_COPIED_BYTES) {
      this.#copy(content);
      return;
    }
    this.#closePiece();
    this.#pieces.push(content);
    this.#piecesBytes += content.length;
    if (this.#piecesBytes >= FLUSH_BYTES) this.flush();
  }

  /** A frame of DATA with a whole message of gRPC, uncompressed, that is copied. */
  message(stream: number, content: Uint8Array): void {
    const { length } = content;
    this.#frame(DATA, 0, stream, length + 5);
    this.#reserve(length + 5);
    const slab = this.#slab;
    slab[this.#end] = 0;
    writeUint32(slab, this.#end + 1, length);
    slab.set(content, this.#end + 5);
    this.#end += length + 5;
  }

  resetStream(stream: number, code: number): void {
    this.#frame(RST_STREAM, 0, stream, 4);
    this.#uint32(code);
  }

  /** @param values identifiers and values in turn */
  settings(values: readonly number[], flags = 0): void {
    this.#frame(SETTINGS, flags, 0, 3 * values.length);
    this.#reserve(3 * values.length);
    for (let i = 0; i < values.length; i += 2) {
      this.#end = this.#slab.writeUInt16BE(values[i]!, this.#end);
      this.#end = this.#slab.writeUInt32BE(values[i + 1]!, this.#end);
    }
  }

  ping(payload: Uint8Array, flags = 0): void {
    this.#frame(PING, flags, 0, payload.length);
    this.#copy(payload);
  }

  goAway(lastStream: number, code: number, debugData: string): void {
    const data = Buffer.from(debugData);
    this.#frame(GOAWAY, 0, 0, 8 + data.length);
    this.#uint32(lastStream);
    this.#uint32(code);
    this.#copy(data);
  }

  /** @param stream 0 for the connection */
  windowUpdate(stream: number, bytes: number): void {
    this.#frame(WINDOW_UPDATE, 0, stream, 4);
    this.#uint32(bytes);
  }

  #frame(type: number, flags: number, stream: number, length: number): void {
    if (!this.#isScheduled && !this.#isHeld) {
      this.#isScheduled = true;
      setImmediate(this.#flushLater);
    }
    this.#reserve(FRAME_HEADER_BYTES + Math.min(length, MAX_COPIED_BYTES));
    const slab = this.#slab;
    const at = this.#end;
    slab[at] = length >>> 16;
    slab[at + 1] = length >>> 8;
    slab[at + 2] = length;
    slab[at + 3] = type;
    slab[at + 4] = flags;
    writeUint32(slab, at + 5, stream);
    this.#end = at + FRAME_HEADER_BYTES;
  }

  #uint32(value: number): void {
    this.#reserve(4);
    writeUint32(this.#slab, this.#end, value);
    this.#end += 4;
  }

  #copy(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#slab.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Makes room in the slab. */
  #reserve(length: number): void {
    if (this.#slab.length - this.#end >= length) return;
    this.#closePiece();
    if (this.#piecesBytes >= FLUSH_BYTES) this.flush();
    // Memory that was given to the socket is not used again.
    this.#slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, length));
    this.#start = 0;
    this.#end = 0;
  }

  /** What has been filled becomes a piece. */
  #closePiece(): void {
    if (this.#end === this.#start) return;
    this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    this.#piecesBytes += this.#end - this.#start;
    this.#start = this.#end;
  }
}

function writeUint32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
