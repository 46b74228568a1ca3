/** The messages of a call in their order, inflated where they came compressed. */
import { status } from '@grpc/grpc-js';
import type { BufferPool } from '@serving/core/batching';
import type { Http2Stream, StreamReader } from '../http2/http2-stream.js';
import type { CallFailure } from './call-failure.js';
import { MessageUnframer, type UnframedMessage } from './message-framer.js';
import { inflateMessage } from './message-inflater.js';

/** What a call does with them. One of `end` and `fail` is called once, at last. */
export interface MessageReceiver {
  /** @param memory that of the pool in which the content lies, to be given back when it is not read any more */
  message(content: Buffer, memory: ArrayBufferLike | undefined): void;
  end(): void;
  fail(failure: CallFailure): void;
}

/** How large messages may be. */
export interface MessageLimits {
  readonly maxRequestBytes: number;
  readonly maxInflatedBytes: number;
}

/** Messages that a client may send, and where large ones are put. */
export interface MessageReading extends MessageLimits {
  readonly buffers: BufferPool;
}

/** Reads a stream. It stops while a message is inflated, and may be paused and resumed by the receiver. */
export class RequestMessages implements StreamReader {
  readonly #stream: Http2Stream;
  readonly #encoding: string;
  readonly #maxInflatedBytes: number;
  readonly #receiver: MessageReceiver;
  readonly #buffers: BufferPool;
  readonly #unframer: MessageUnframer;
  readonly #waiting: UnframedMessage[] = [];
  #isInflating = false;
  #isPaused = false;
  #hasEnded = false;
  #isOver = false;

  constructor(stream: Http2Stream, encoding: string, reading: MessageReading, receiver: MessageReceiver) {
    this.#stream = stream;
    this.#encoding = encoding;
    this.#maxInflatedBytes = reading.maxInflatedBytes;
    this.#buffers = reading.buffers;
    this.#receiver = receiver;
    this.#unframer = new MessageUnframer(reading.maxRequestBytes, reading.buffers, (message) => this.#take(message));
    stream.reader = this;
  }

  data(piece: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#unframer.push(piece);
    } catch (failure) {
      this.#fail(failure as CallFailure);
    }
  }

  end(): void {
    if (this.#isOver) return;
    if (this.#unframer.isWithinMessage) {
      this.#fail({ code: status.INTERNAL, details: 'The request ends within a message' });
      return;
    }
    this.#hasEnded = true;
    this.#deliver();
  }

  closed(): void {
    this.#release();
  }

  /** No further message is delivered until {@link resume}. Those of the piece that is being read may still be. */
  pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#isInflating) this.#stream.resume();
  }

  /** Throws away what still comes. */
  discard(): void {
    this.#release();
    this.#stream.resume();
  }

  #release(): void {
    this.#isOver = true;
    this.#unframer.discard();
    for (const { memory } of this.#waiting.splice(0)) if (memory !== undefined) this.#buffers.give(memory);
  }

  #take(message: UnframedMessage): void {
    if (this.#isOver) return;
    if (message.flag === 0 && !this.#isInflating) {
      this.#receiver.message(message.content, message.memory);
      return;
    }
    this.#waiting.push(message);
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#isInflating && !this.#isOver) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        if (!this.#hasEnded) return;
        this.#isOver = true;
        this.#receiver.end();
      } else if (next.flag === 0) {
        this.#receiver.message(next.content, next.memory);
      } else {
        void this.#inflate(next);
      }
    }
  }

  async #inflate({ flag, content, memory }: UnframedMessage): Promise<void> {
    this.#isInflating = true;
    this.#stream.pause();
    try {
      const inflated = await inflateMessage(flag, content, this.#encoding, this.#maxInflatedBytes);
      this.#isInflating = false;
      if (this.#isOver) return;
      this.#receiver.message(inflated, undefined);
      this.#deliver();
      if (!this.#isPaused && !this.#isInflating) this.#stream.resume();
    } catch (failure) {
      if (!this.#isOver) this.#fail(failure as CallFailure);
    } finally {
      if (memory !== undefined) this.#buffers.give(memory);
    }
  }

  #fail(failure: CallFailure): void {
    this.discard();
    this.#receiver.fail(failure);
  }
}
