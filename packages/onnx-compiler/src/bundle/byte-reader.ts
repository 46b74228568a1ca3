/** Reads the small parts that checkpoint files are made of. */
import { ServingError } from '@serving/core';

/** Goes through bytes; whatever lies outside of them is an error. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.position = position;
  }

  get isAtEnd(): boolean {
    return this.position >= this.#bytes.length;
  }

  byte(): number {
    const byte = this.#bytes[this.position++];
    if (byte === undefined) throw cutOff();
    return byte;
  }

  /** A varint below 2⁵³. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new ServingError('DATA_LOSS', 'a number in the checkpoint is too large');
  }

  /** A little-endian integer of 1 to 6 bytes. */
  integer(width: number): number {
    const bytes = this.take(width);
    let value = 0;
    for (let i = width; i-- > 0; ) value = value * 256 + bytes[i]!;
    return value;
  }

  /** A view. */
  take(length: number): Uint8Array {
    const end = this.position + length;
    if (end > this.#bytes.length) throw cutOff();
    const bytes = this.#bytes.subarray(this.position, end);
    this.position = end;
    return bytes;
  }
}

function cutOff(): ServingError {
  return new ServingError('DATA_LOSS', 'the checkpoint ends early');
}
