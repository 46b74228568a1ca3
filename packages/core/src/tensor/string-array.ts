/** The values of a string tensor: bytes, not JavaScript strings. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A row of byte strings in one buffer: string `i` is `bytes[offsets[i] … offsets[i + 1])`. TensorFlow's strings are
 * bytes and need not be UTF-8. A slice shares the buffer; its first offset need not be 0.
 *
 * @example
 * ```ts
 * const words = StringArray.from(['tea', new Uint8Array([0xff])]);
 * words.at(0);        // Uint8Array [116, 101, 97]
 * words.toStrings();  // ['tea', '\ufffd']
 * ```
 */
export class StringArray {
  /** The bytes of all strings, one after the other; of a slice, those of its neighbours too. */
  readonly bytes: Uint8Array;
  /** One more offset than strings, ascending. */
  readonly offsets: Uint32Array;

  constructor(bytes: Uint8Array, offsets: Uint32Array) {
    this.bytes = bytes;
    this.offsets = offsets;
  }

  /** Copies strings (as UTF-8) and byte strings into one buffer. */
  static from(values: readonly (string | Uint8Array)[]): StringArray {
    const pieces = values.map((value) => (typeof value === 'string' ? encoder.encode(value) : value));
    const offsets = new Uint32Array(pieces.length + 1);
    let end = 0;
    for (const [i, piece] of pieces.entries()) {
      end += piece.length;
      offsets[i + 1] = end;
    }
    const bytes = new Uint8Array(end);
    for (const [i, piece] of pieces.entries()) bytes.set(piece, offsets[i]);
    return new StringArray(bytes, offsets);
  }

  /** How many strings there are. */
  get length(): number {
    return this.offsets.length - 1;
  }

  /** The bytes of all strings together. */
  get byteLength(): number {
    return this.offsets[this.length]! - this.offsets[0]!;
  }

  /** The bytes of one string, `index` from 0 to `length - 1`: a view, not a copy. */
  at(index: number): Uint8Array {
    return this.bytes.subarray(this.offsets[index], this.offsets[index + 1]);
  }

  /** Strings `begin` to `end` (not included): a view. */
  subarray(begin: number, end: number = this.length): StringArray {
    return new StringArray(this.bytes, this.offsets.subarray(begin, end + 1));
  }

  /** All strings decoded as UTF-8, invalid bytes as U+FFFD. */
  toStrings(): string[] {
    return Array.from({ length: this.length }, (_, i) => decoder.decode(this.at(i)));
  }
}
