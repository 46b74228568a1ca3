/** Strings of a result, one after the other. */
import { StringArray, type Tensor } from '@serving/core/tensor';

/** Collects byte strings into one buffer. */
export class StringBuilder {
  #bytes = new Uint8Array(64);
  #end = 0;
  #offsets = new Uint32Array(16);
  #count = 0;

  /** Adds bytes to the string that is being written. */
  append(piece: Uint8Array): void {
    const end = this.#end + piece.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      grown.set(this.#bytes.subarray(0, this.#end));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.#end);
    this.#end = end;
  }

  /** Ends the string that is being written. */
  finish(): void {
    this.#count++;
    if (this.#count === this.#offsets.length) {
      const grown = new Uint32Array(2 * this.#offsets.length);
      grown.set(this.#offsets);
      this.#offsets = grown;
    }
    this.#offsets[this.#count] = this.#end;
  }

  /** Adds a whole string. */
  add(value: Uint8Array): void {
    this.append(value);
    this.finish();
  }

  /** How many strings there are. */
  get count(): number {
    return this.#count;
  }

  /** The strings as a tensor. */
  tensor(shape: readonly number[] = [this.#count]): Tensor<'string'> {
    const bytes = this.#bytes.subarray(0, this.#end);
    return { dtype: 'string', shape, data: new StringArray(bytes, this.#offsets.subarray(0, this.#count + 1)) };
  }
}

const encoder = new TextEncoder();

/** A tensor of each string's image. Texts are written as UTF-8. */
export function mapStrings(x: Tensor, map: (value: Uint8Array, i: number) => Uint8Array | string): Tensor<'string'> {
  const strings = stringsOf(x);
  const builder = new StringBuilder();
  for (let i = 0; i < strings.length; i++) {
    const image = map(strings.at(i), i);
    builder.add(typeof image === 'string' ? encoder.encode(image) : image);
  }
  return builder.tensor(x.shape);
}

/** The strings of a tensor. */
export function stringsOf(x: Tensor): StringArray {
  return x.data as StringArray;
}
