/** Protobuf's wire form, for messages whose size is known before they are written. */

const encoder = new TextEncoder();

/** Bytes that a length takes. */
export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Bytes that an int64 takes: negative ones take ten. */
export function int64Size(value: bigint): number {
  if (value < 0n) return 10;
  if (value <= MAX_SAFE) return varintSize(Number(value));
  return value < 1n << 56n ? 8 : 9;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** Fills a buffer of the size it was made with. */
export class WireWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #position = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** The head of a length-delimited field. */
  field(tag: number, length: number): void {
    this.bytes[this.#position++] = tag;
    this.#varint(length);
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.#position);
    this.#position += bytes.length;
  }

  /** UTF-8. */
  text(text: string): void {
    this.#position += encoder.encodeInto(text, this.bytes.subarray(this.#position)).written;
  }

  float(value: number): void {
    this.#view.setFloat32(this.#position, value, true);
    this.#position += 4;
  }

  int64(value: bigint): void {
    if (value >= 0n && value <= MAX_SAFE) {
      this.#varint(Number(value));
      return;
    }
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 128n; rest >>= 7n) this.bytes[this.#position++] = Number(rest & 127n) | 128;
    this.bytes[this.#position++] = Number(rest);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.#position++] = (rest % 128) | 128;
    this.bytes[this.#position++] = rest;
  }
}
