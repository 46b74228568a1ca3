/** HPACK: blocks of headers as they come (RFC 7541). */
import { COMPRESSION_ERROR, ConnectionFailure } from '../error-codes.js';
import { DynamicTable, ENTRY_OVERHEAD_BYTES } from './dynamic-table.js';
import { decodeHuffman } from './huffman-decoder.js';
import { staticNames, staticValues } from './static-table.js';

/** The table that peers may use unless SETTINGS say otherwise. */
export const DEFAULT_TABLE_BYTES = 4096;

const STATIC_LENGTH = staticNames.length - 1;

/** A larger number is refused. */
const MAX_INTEGER_BITS = 28;

/** Decodes the blocks of one connection, in the order in which they came. */
export class HpackDecoder {
  readonly #table = new DynamicTable(DEFAULT_TABLE_BYTES);
  readonly #maxListBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  /** @param maxListBytes of the headers of a block, each with {@link ENTRY_OVERHEAD_BYTES} */
  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes;
  }

  /** Changes with every change of what is remembered: a block means the same as long as it stays. */
  get generation(): number {
    return this.#table.generation;
  }

  /**
   * Names and values in turn, a character for each byte; `undefined` for a list that is too large.
   *
   * @throws ConnectionFailure for a block that can't be decoded; no further one can be then.
   */
  decode(bytes: Buffer, start: number, end: number): string[] | undefined {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const fields: string[] = [];
    let listBytes = 0;
    let mayResize = true;
    while (this.#at < end) {
      const first = bytes[this.#at]!;
      if ((first & 0xe0) === 0x20) {
        if (!mayResize) throw failure('a change of the table behind a header');
        this.#resize();
        continue;
      }
      mayResize = false;
      let name: string;
      let value: string;
      if (first & 0x80) {
        const index = this.#integer(0x7f);
        name = this.#nameOf(index);
        value = index <= STATIC_LENGTH ? staticValues[index]! : this.#table.value(index - STATIC_LENGTH - 1);
      } else {
        const isRemembered = (first & 0x40) !== 0;
        const index = this.#integer(isRemembered ? 0x3f : 0x0f);
        name = index === 0 ? this.#string() : this.#nameOf(index);
        value = this.#string();
        if (isRemembered) this.#table.insert(name, value);
      }
      listBytes += name.length + value.length + ENTRY_OVERHEAD_BYTES;
      if (listBytes <= this.#maxListBytes) fields.push(name, value);
    }
    return listBytes <= this.#maxListBytes ? fields : undefined;
  }

  #resize(): void {
    const bytes = this.#integer(0x1f);
    if (bytes > DEFAULT_TABLE_BYTES) throw failure(`a table of ${bytes} bytes`);
    this.#table.resize(bytes);
  }

  #nameOf(index: number): string {
    if (index <= STATIC_LENGTH && index > 0) return staticNames[index]!;
    const position = index - STATIC_LENGTH - 1;
    if (index === 0 || position >= this.#table.length) throw failure(`the index ${index} of no header`);
    return this.#table.name(position);
  }

  #integer(mask: number): number {
    let value = this.#bytes[this.#at++]! & mask;
    if (value < mask) return value;
    for (let shift = 0; shift < MAX_INTEGER_BITS; shift += 7) {
      if (this.#at >= this.#end) throw failure('a number that is cut off');
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw failure('a number that is too large');
  }

  #string(): string {
    if (this.#at >= this.#end) throw failure('a string that is missing');
    const isHuffman = this.#bytes[this.#at]! >= 0x80;
    const length = this.#integer(0x7f);
    const start = this.#at;
    const end = start + length;
    if (end > this.#end) throw failure('a string that is cut off');
    this.#at = end;
    if (!isHuffman) return this.#bytes.toString('latin1', start, end);
    const decoded = decodeHuffman(this.#bytes, start, end);
    if (decoded === undefined) throw failure('a string that is not Huffman-coded');
    return decoded;
  }
}

function failure(reason: string): ConnectionFailure {
  return new ConnectionFailure(COMPRESSION_ERROR, `A header block has ${reason}`);
}
