/** Byte strings gathered one after the other into the one buffer of a StringArray. */
import { StringArray } from '@serving/core/tensor';

/** How many times what is needed is taken: a signature of many inputs would take as often what only one can need. */
const MOST_GROWTH = 16;

/** Reserve room with `room`, write, then pass the end of the string to `add`. */
export class GrowingStrings {
  #bytes: Uint8Array;
  #offsets: Uint32Array = new Uint32Array(16);
  #length = 0;
  readonly #most: number;

  /**
   * @param capacity bytes to begin with
   * @param most bytes that all strings together can come to, where that is known
   */
  constructor(capacity: number, most: number = Number.POSITIVE_INFINITY) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(capacity, most));
    this.#most = most;
  }

  get length(): number {
    return this.#length;
  }

  /** Where the next string begins in the buffer that {@link room} returns. */
  get end(): number {
    return this.#offsets[this.#length]!;
  }

  /** The buffer, with so many bytes free behind {@link end}. */
  room(count: number): Uint8Array {
    const needed = this.end + count;
    if (needed > this.#bytes.length) {
      // What is known to be enough is taken at once: memory that isn't written to costs next to nothing.
      const wanted = this.#most === Number.POSITIVE_INFINITY ? needed * 2 : Math.min(this.#most, needed * MOST_GROWTH);
      const wider = Buffer.allocUnsafeSlow(Math.max(needed, wanted));
      wider.set(this.#bytes.subarray(0, this.end));
      this.#bytes = wider;
    }
    return this.#bytes;
  }

  /** The bytes up to `end` are the next string. */
  add(end: number): void {
    if (this.#length + 1 === this.#offsets.length) {
      const wider = new Uint32Array(this.#offsets.length * 2);
      wider.set(this.#offsets);
      this.#offsets = wider;
    }
    this.#offsets[++this.#length] = end;
  }

  /** Removes all strings from the `length`-th on. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** The strings; the buffer is theirs from now on. */
  finish(): StringArray {
    return new StringArray(this.#bytes.subarray(0, this.end), this.#offsets.subarray(0, this.#length + 1));
  }
}
