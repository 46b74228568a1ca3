/** Blocks of headers, which HEADERS begins and CONTINUATION goes on with, and what they mean. */
import { ConnectionFailure, ENHANCE_YOUR_CALM, PROTOCOL_ERROR } from './error-codes.js';
import { HpackDecoder } from './hpack/hpack-decoder.js';
import { type HeaderList, RequestHeaders } from './request-headers.js';

/** Bytes of a list of headers, each with 32 bytes more, as SETTINGS have it. */
export const MAX_HEADER_LIST_BYTES: number = 64 * 1024;

/** A coded list is hardly larger. */
const MAX_BLOCK_BYTES = 2 * MAX_HEADER_LIST_BYTES;

const MAX_CONTINUATIONS = 16;

/** Blocks of so many bytes are remembered, so many of them. */
const MAX_REMEMBERED_BYTES = 256;
const REMEMBERED_BLOCKS = 4;

interface RememberedBlock {
  readonly bytes: Buffer;
  readonly headers: RequestHeaders;
}

/** A block that is not complete. */
interface OpenBlock {
  readonly stream: number;
  readonly flags: number;
  readonly parts: Buffer[];
  bytes: number;
}

/** A block of headers that has come whole. */
export interface HeaderBlock {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Those of one connection. Clients send the same block with most calls: what it means is remembered. */
export class HeaderBlocks {
  readonly #decoder = new HpackDecoder(MAX_HEADER_LIST_BYTES);
  #remembered: RememberedBlock[] = [];
  #generation = 0;
  #open: OpenBlock | undefined;

  /** Whether nothing but CONTINUATION may come. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Keeps the beginning of a block. */
  begin(stream: number, flags: number, part: Buffer): void {
    this.#open = { stream, flags, parts: [Buffer.from(part)], bytes: part.length };
  }

  /**
   * Adds to the open block.
   *
   * @throws ConnectionFailure for one of another stream, and where the block is too large.
   */
  add(stream: number, part: Buffer): void {
    const open = this.#open;
    if (open?.stream !== stream) throw new ConnectionFailure(PROTOCOL_ERROR, 'CONTINUATION of no block of headers');
    open.parts.push(Buffer.from(part));
    open.bytes += part.length;
    if (open.bytes <= MAX_BLOCK_BYTES && open.parts.length <= MAX_CONTINUATIONS + 1) return;
    throw new ConnectionFailure(ENHANCE_YOUR_CALM, 'A block of headers that is too large');
  }

  /** Takes the open block, which is complete. */
  take(): HeaderBlock & { readonly stream: number; readonly flags: number } {
    const { stream, flags, parts } = this.#open!;
    this.#open = undefined;
    const bytes = Buffer.concat(parts);
    return { stream, flags, bytes, start: 0, end: bytes.length };
  }

  /**
   * The headers of a call; a text where they can't be: that says why.
   *
   * @throws ConnectionFailure for a block that can't be decoded.
   */
  request({ bytes, start, end }: HeaderBlock): RequestHeaders | 'malformed' | 'too large' {
    if (this.#generation === this.#decoder.generation) {
      const found = this.#find(bytes, start, end);
      if (found !== undefined) return found;
    }
    const before = this.#decoder.generation;
    const list = this.#decoder.decode(bytes, start, end);
    if (list === undefined) return 'too large';
    const headers = RequestHeaders.of(list);
    if (headers === undefined) return 'malformed';
    if (this.#decoder.generation === before && end - start <= MAX_REMEMBERED_BYTES) {
      this.#remember({ bytes: Buffer.from(bytes.subarray(start, end)), headers });
    }
    return headers;
  }

  /**
   * Other headers, such as trailers; `undefined` where there are too many.
   *
   * @throws ConnectionFailure as {@link request}.
   */
  list({ bytes, start, end }: HeaderBlock): HeaderList | undefined {
    return this.#decoder.decode(bytes, start, end);
  }

  #find(bytes: Buffer, start: number, end: number): RequestHeaders | undefined {
    for (const { bytes: known, headers } of this.#remembered) {
      if (known.length === end - start && isSame(known, bytes, start)) return headers;
    }
    return undefined;
  }

  /** The oldest makes room. */
  #remember(block: RememberedBlock): void {
    if (this.#generation !== this.#decoder.generation) this.#remembered = [];
    this.#generation = this.#decoder.generation;
    if (this.#remembered.length === REMEMBERED_BLOCKS) this.#remembered.shift();
    this.#remembered.push(block);
  }
}

function isSame(known: Buffer, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
