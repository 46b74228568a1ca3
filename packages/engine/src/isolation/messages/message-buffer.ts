/** Messages that wait to be sent together, and messages cut out of what arrives. */
import { HEADER_WORDS } from './control-messages.js';

const HEADER_BYTES = HEADER_WORDS * 4;
const ALIGNMENT = 8;
const INITIAL_BYTES = 2 ** 16;
/** A buffer that has grown beyond this is given up once it is empty. */
const MAX_KEPT_BYTES = 2 ** 20;
const MAX_MESSAGE_BYTES = 2 ** 28;

/** Messages in one row of bytes, to be sent from `0` to `length`. */
export class OutgoingMessages {
  bytes: Uint8Array = new Uint8Array(INITIAL_BYTES);
  length = 0;
  #words: Uint32Array = new Uint32Array(this.bytes.buffer);

  /** Adds a message with room for its body. Returns where the body begins. */
  add(kind: number, id: number, number: number, bodyBytes: number): number {
    const start = this.length;
    const total = Math.ceil((HEADER_BYTES + bodyBytes) / ALIGNMENT) * ALIGNMENT;
    if (start + total > this.bytes.length) this.#grow(start + total);
    const word = start / 4;
    this.#words[word] = total;
    this.#words[word + 1] = kind;
    this.#words[word + 2] = id;
    this.#words[word + 3] = number;
    this.length = start + total;
    return start + HEADER_BYTES;
  }

  /** Adds a message whose body is words. */
  addWords(kind: number, id: number, number: number, words: readonly number[]): void {
    const at = this.add(kind, id, number, words.length * 4) / 4;
    for (let i = 0; i < words.length; i++) this.#words[at + i] = words[i]!;
  }

  /** Adds a message whose body is JSON. */
  addJson(kind: number, id: number, value: unknown): void {
    const text = new TextEncoder().encode(JSON.stringify(value));
    // The padding begins at the second number.
    const at = this.add(kind, id, text.length, text.length);
    this.bytes.set(text, at);
  }

  /** Returns the messages as a buffer of their own, which begins with them, and becomes empty. */
  take(): ArrayBuffer {
    const { bytes, length } = this;
    if (length <= INITIAL_BYTES) {
      this.length = 0;
      return bytes.slice(0, length).buffer as ArrayBuffer;
    }
    this.length = 0;
    this.#replace(new Uint8Array(INITIAL_BYTES));
    return bytes.buffer as ArrayBuffer;
  }

  /** Everything was sent. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > MAX_KEPT_BYTES) this.#replace(new Uint8Array(INITIAL_BYTES));
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.ceil(Math.max(needed, 2 * this.bytes.length) / ALIGNMENT) * ALIGNMENT);
    bytes.set(this.bytes.subarray(0, this.length));
    this.#replace(bytes);
  }

  #replace(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.#words = new Uint32Array(bytes.buffer);
  }
}

/** A message that has arrived. Valid during the call that it is given to. */
export interface IncomingMessage {
  readonly kind: number;
  readonly id: number;
  readonly number: number;
  /** The body's words. */
  readonly words: Uint32Array;
  /** The same memory. */
  readonly bytes: Uint8Array;
}

/** Cuts what arrives into messages. */
export class IncomingMessages {
  /** Where the system writes what arrives. */
  readonly buffer: Uint8Array = new Uint8Array(INITIAL_BYTES);
  readonly #onMessage: (message: IncomingMessage) => void;
  #carry: Uint8Array = new Uint8Array(0);
  #carried = 0;

  constructor(onMessage: (message: IncomingMessage) => void) {
    this.#onMessage = onMessage;
  }

  /** So many bytes have arrived in {@link buffer}. Returns whether they have the form of messages. */
  receive(length: number): boolean {
    if (this.#carried === 0) {
      const used = parseMessages(this.buffer, length, MAX_MESSAGE_BYTES, this.#onMessage);
      if (used >= 0 && used < length) this.#keep(this.buffer.subarray(used, length));
      return used >= 0;
    }
    this.#keep(this.buffer.subarray(0, length));
    const used = parseMessages(this.#carry, this.#carried, MAX_MESSAGE_BYTES, this.#onMessage);
    if (used < 0) return false;
    this.#carry.copyWithin(0, used, this.#carried);
    this.#carried -= used;
    if (this.#carried === 0) this.#carry = new Uint8Array(0);
    return true;
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#carried + bytes.length;
    if (needed > this.#carry.length) {
      const grown = new Uint8Array(Math.ceil((2 * needed) / ALIGNMENT) * ALIGNMENT);
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
    }
    this.#carry.set(bytes, this.#carried);
    this.#carried = needed;
  }
}

/**
 * Reads messages from the beginning of a buffer.
 *
 * @param maxBytes of one message
 * @returns how many bytes were those of whole messages; -1 for a message of a size that none has
 */
export function parseMessages(
  bytes: Uint8Array,
  length: number,
  maxBytes: number,
  onMessage: (message: IncomingMessage) => void,
): number {
  const words = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
  let at = 0;
  while (at + HEADER_BYTES <= length) {
    const word = at / 4;
    const total = words[word]!;
    if (total < HEADER_BYTES || total % ALIGNMENT !== 0 || total > maxBytes) return -1;
    if (at + total > length) break;
    onMessage({
      kind: words[word + 1]!,
      id: words[word + 2]!,
      number: words[word + 3]!,
      words: words.subarray(word + HEADER_WORDS, (at + total) / 4),
      bytes: bytes.subarray(at + HEADER_BYTES, at + total),
    });
    at += total;
  }
  return at;
}

/** The value of a body that is JSON. */
export function jsonBody<T>({ number, bytes }: IncomingMessage): T {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(0, number))) as T;
}
