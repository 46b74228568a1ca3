/** Bits and Huffman codes of a JPEG scan. */
import { JpegError } from './jpeg-frame.js';

/** Values by code: for each length the first code, the first index and the count. */
export interface HuffmanTable {
  readonly firstCode: Int32Array;
  readonly firstIndex: Int32Array;
  readonly counts: Uint8Array;
  readonly values: Uint8Array;
}

/** The table of the counts of codes by length, and the values in order. */
export function huffmanTable(counts: Uint8Array, values: Uint8Array): HuffmanTable {
  const [firstCode, firstIndex] = [new Int32Array(16), new Int32Array(16)];
  let [code, index] = [0, 0];
  for (let length = 0; length < 16; length++) {
    firstCode[length] = code;
    firstIndex[length] = index;
    code = (code + counts[length]!) << 1;
    index += counts[length]!;
  }
  return { firstCode, firstIndex, counts, values };
}

/** Reads bits up to a marker. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Where the next marker or byte is. */
  get at(): number {
    return this.#at;
  }

  bit(): number {
    if (this.#count === 0) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new JpegError('the data ends within a scan');
      if (byte === 0xff) {
        if (this.#bytes[this.#at + 1] !== 0) throw new JpegError('a scan ends early');
        this.#at++;
      }
      this.#at++;
      this.#bits = byte;
      this.#count = 8;
    }
    this.#count--;
    return (this.#bits >> this.#count) & 1;
  }

  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = (value << 1) | this.bit();
    return value;
  }

  /** A number of `count` bits, of which the lower half stands for negative ones. */
  signed(count: number): number {
    const value = this.bits(count);
    return count > 0 && value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  symbol({ firstCode, firstIndex, counts, values }: HuffmanTable): number {
    let code = 0;
    for (let length = 0; length < 16; length++) {
      code = (code << 1) | this.bit();
      const offset = code - firstCode[length]!;
      if (offset >= 0 && offset < counts[length]!) return values[firstIndex[length]! + offset]!;
    }
    throw new JpegError('bad Huffman code');
  }

  /** Moves past a restart marker, and begins with a whole byte. */
  restart(): void {
    this.#count = 0;
    if (this.#bytes[this.#at] !== 0xff || (this.#bytes[this.#at + 1]! & 0xf8) !== 0xd0) {
      throw new JpegError('a restart marker is missing');
    }
    this.#at += 2;
  }
}
