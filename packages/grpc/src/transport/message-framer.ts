/** gRPC's framing: a message behind a compressed-flag and four bytes of length. */
import { status } from '@grpc/grpc-js';
import type { BufferPool } from '@serving/core/batching';
import { keptPiece } from '../http2/unread-pieces.js';
import type { CallFailure } from './call-failure.js';

export const HEADER_BYTES = 5;

/** A message of more bytes leaves in a piece of its own, which costs less than its copy. */
const MAX_COPIED_BYTES = 32 * 1024;

/** Less than this of a message is kept as it came. */
const LEAST_GATHERED_BYTES = 16 * 1024;

/** So many pieces of it, at most: each takes more memory than its bytes. */
const MOST_PIECES = 32;

/** Times the bytes that have come that memory is taken for: a length that is only announced takes none. */
const ROOM_FACTOR = 64;

/** The pieces that a message leaves in, its content uncompressed. */
export function frameMessage(content: Uint8Array): readonly Buffer[] {
  const { length } = content;
  const isCopied = length <= MAX_COPIED_BYTES;
  const header = Buffer.allocUnsafe(isCopied ? HEADER_BYTES + length : HEADER_BYTES);
  header[0] = 0;
  header.writeUInt32BE(length, 1);
  if (!isCopied) return [header, Buffer.from(content.buffer, content.byteOffset, length)];
  header.set(content, HEADER_BYTES);
  return [header];
}

/** A message without its header. `memory` is that of the pool when it is lent. */
export interface UnframedMessage {
  readonly flag: number;
  readonly content: Buffer;
  readonly memory: ArrayBufferLike | undefined;
}

/**
 * Takes messages out of the pieces that they come in. A message that came in one piece is a view of it; a longer one is copied once, into
 * memory of the pool.
 */
export class MessageUnframer {
  readonly #maxBytes: number;
  readonly #buffers: BufferPool;
  readonly #onMessage: (message: UnframedMessage) => void;
  readonly #header: Buffer = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #length = 0;
  #received = 0;
  #pieces: Buffer[] = [];
  #memory: Buffer | undefined;

  /** @param maxBytes of a message. */
  constructor(maxBytes: number, buffers: BufferPool, onMessage: (message: UnframedMessage) => void) {
    this.#maxBytes = maxBytes;
    this.#buffers = buffers;
    this.#onMessage = onMessage;
  }

  /** Whether the last message lacks bytes. */
  get isWithinMessage(): boolean {
    return this.#headerBytes > 0;
  }

  /** @throws CallFailure for a message that is too large. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerBytes < HEADER_BYTES) {
        at = this.#readHeader(chunk, at);
        if (this.#headerBytes < HEADER_BYTES) return;
        if (this.#length > 0 && at === chunk.length) return;
      }
      const end = Math.min(chunk.length, at + this.#length - this.#received);
      this.#take(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
      at = end;
    }
  }

  /** Gives up a message that lacks bytes. */
  discard(): void {
    if (this.#memory !== undefined) this.#buffers.give(this.#memory.buffer);
    this.#memory = undefined;
    this.#pieces = [];
  }

  #readHeader(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && this.#headerBytes < HEADER_BYTES) this.#header[this.#headerBytes++] = chunk[at++]!;
    if (this.#headerBytes < HEADER_BYTES) return at;
    this.#length = this.#header.readUInt32BE(1);
    if (this.#length > this.#maxBytes) {
      const details = `Received message larger than max (${this.#length} vs ${this.#maxBytes})`;
      throw { code: status.RESOURCE_EXHAUSTED, details } satisfies CallFailure;
    }
    return at;
  }

  #take(piece: Buffer): void {
    const before = this.#received;
    this.#received += piece.length;
    if (this.#received === this.#length && before === 0) {
      this.#finish(piece, undefined);
      return;
    }
    if (this.#memory !== undefined && this.#received <= this.#memory.length) {
      this.#memory.set(piece, before);
    } else {
      const isLarge = this.#received === this.#length || this.#received >= LEAST_GATHERED_BYTES;
      this.#pieces.push(isLarge ? piece : keptPiece(piece));
      if (isLarge || this.#pieces.length >= MOST_PIECES) this.#gather(before);
    }
    if (this.#received === this.#length) this.#finish(this.#memory!, this.#memory!.buffer);
  }

  /** Copies the pieces behind what has been gathered before. */
  #gather(before: number): void {
    const room = Math.min(this.#length, ROOM_FACTOR * this.#received);
    const grown = Buffer.from(this.#buffers.take(room), 0, room);
    let at = 0;
    if (this.#memory !== undefined) {
      grown.set(this.#memory.subarray(0, before));
      this.#buffers.give(this.#memory.buffer);
      at = before;
    }
    for (const piece of this.#pieces) {
      grown.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#memory = grown;
  }

  #finish(content: Buffer, memory: ArrayBufferLike | undefined): void {
    this.#headerBytes = 0;
    this.#received = 0;
    this.#memory = undefined;
    this.#onMessage({ flag: this.#header[0]!, content, memory });
  }
}
