/** Protobuf's wire form, written back to front: a message is there before its length, so nothing is measured first. */

const encoder = new TextEncoder();
const floats = new Float32Array(1);
const floatBytes = new Uint8Array(floats.buffer);

/** Where the lower half of a 64-bit integer stands on this machine. */
const LOW: number = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** Grows at its front as it fills. What is written later stands earlier. */
export class WireWriter {
  #bytes: Uint8Array;
  /** Where the first byte stands. */
  #start: number;

  /** @param capacity bytes that will have room without growing; best what will be written, if it is known. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#start = capacity;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** All bytes: a view of the writer's own buffer, which has room for up to twice as many. */
  finish(): Uint8Array {
    return this.#bytes.subarray(this.#start);
  }

  /** The head of a length-delimited field: the content is what was written since `length` was this. */
  field(tag: number, lengthBefore: number): void {
    this.varint(this.length - lengthBefore);
    this.varint(tag);
  }

  /** These bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#start -= bytes.length;
    this.#bytes.set(bytes, this.#start);
  }

  /** UTF-8. */
  text(text: string): void {
    this.#reserve(text.length);
    let position = this.#start;
    for (let i = text.length - 1; i >= 0; i--) {
      const unit = text.charCodeAt(i);
      if (unit >= 128) {
        this.raw(encoder.encode(text));
        return;
      }
      this.#bytes[--position] = unit;
    }
    this.#start = position;
  }

  /** Four bytes, little endian. */
  float(value: number): void {
    this.#reserve(4);
    this.#start -= 4;
    floats[0] = value;
    this.#bytes.set(floatBytes, this.#start);
  }

  /** Any int64; negative ones take ten bytes. */
  int64(value: bigint): void {
    const number = Number(value);
    if (number >= 0 && number <= Number.MAX_SAFE_INTEGER) {
      this.varint(number);
      return;
    }
    const digits: number[] = [];
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 128n; rest >>= 7n) digits.push(Number(rest & 127n) | 128);
    digits.push(Number(rest));
    this.raw(Uint8Array.from(digits));
  }

  /** All of these, the last one first, as {@link int64} would write them; without an object for each. */
  int64s(values: BigInt64Array): void {
    const halves = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    for (let i = 2 * values.length - 2; i >= 0; i -= 2) {
      const low = halves[i + LOW]!;
      const high = halves[i + 1 - LOW]!;
      if (high === 0 && low < 128) {
        if (this.#start === 0) this.#reserve(1);
        this.#bytes[--this.#start] = low;
      } else if (high < 2 ** 21) {
        this.varint(high * 2 ** 32 + low);
      } else {
        this.int64(values[i >> 1]!);
      }
    }
  }

  /** A non-negative integer that a double holds exactly. */
  varint(value: number): void {
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    this.#reserve(size);
    this.#start -= size;
    let position = this.#start;
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[position++] = (rest % 128) | 128;
    this.#bytes[position] = rest;
  }

  #reserve(size: number): void {
    if (size <= this.#start) return;
    const { length } = this;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, length + size));
    grown.set(this.#bytes.subarray(this.#start), grown.length - length);
    this.#start = grown.length - length;
    this.#bytes = grown;
  }
}
