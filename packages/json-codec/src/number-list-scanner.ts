/** Nested lists of numbers of the body, straight to typed arrays: the text goes through {@link NumberLoops} once. */
import { GIVE_UP } from './give-up.js';
import { type NumberLoops, SCAN_DONE, SCAN_MORE_TEXT } from './number-loops.js';
import type { TensorBuilder } from './tensor-builder.js';

/**
 * Reads tensors whose lists are as regular as nearly all are: no empty list, every list as long as its neighbours, every
 * value of the data type. It gives up on anything else; the exact reader then says what is wrong.
 */
export class NumberListScanner {
  readonly #loops: NumberLoops;
  readonly #body: Uint8Array;
  /** The piece of the body in the loops' memory, and from where on it holds too little of it. */
  #start = 0;
  #limit = 0;
  /** Shape of the tensor that was read last. */
  shape: readonly number[] = SCALAR;

  constructor(loops: NumberLoops, body: Uint8Array) {
    this.#loops = loops;
    this.#body = body;
  }

  /** Appends the values of the tensor at `from` to the builder; the position after it, or −1 to give up. */
  scan(from: number, builder: TensorBuilder): number {
    const loops = this.#loops;
    const loop = loops.byType[builder.dtype];
    if (loop === undefined) return GIVE_UP;
    const { POSITION, TEXT, VALUE_COUNT } = loops.areas;
    const numbers = builder.numbers!;
    let at = from;
    let isStart = true;
    if (loops.textOwner !== this || at < this.#start || at >= this.#limit) this.#load(at);
    for (;;) {
      const base = TEXT - this.#start;
      const outcome = loop.scan(base + at, base + this.#limit, isStart);
      at = loops.words[POSITION >> 2]! - base;
      const count = loops.words[VALUE_COUNT >> 2]!;
      if (outcome === SCAN_DONE) {
        numbers.append(loop.values, count, numbers.length === 0 ? 0 : this.#body.length - at, at);
        this.#readShape();
        return at;
      }
      if (outcome !== SCAN_MORE_TEXT || this.#limit === this.#body.length) return GIVE_UP;
      numbers.append(loop.values, count, this.#body.length - at, at);
      isStart = false;
      this.#load(at);
    }
  }

  /** Puts the text from a position on into the loops' memory, as much as there is room for. */
  #load(from: number): void {
    const loops = this.#loops;
    const body = this.#body;
    const { text, bytes } = loops;
    const end = Math.min(body.length, from + text.length);
    const length = end - from;
    if (length <= SHORT) for (let i = 0; i < length; i++) text[i] = body[from + i]!;
    else text.set(body.subarray(from, end));
    bytes.fill(0, loops.areas.TEXT + length, loops.areas.TEXT + length + BEHIND);
    loops.textOwner = this;
    this.#start = from;
    this.#limit = end === body.length ? end : end - MARGIN;
  }

  #readShape(): void {
    const { words, areas } = this.#loops;
    const rank = words[areas.RANK >> 2]!;
    const sizes: number[] = [];
    for (let i = 0; i < rank; i++) sizes.push(words[(areas.SIZES >> 2) + i]!);
    this.shape = sizes;
  }
}

const SCALAR: readonly number[] = [];

/** Below this many bytes a loop copies faster than a call of `set`. */
const SHORT = 64;
/** A piece ends so early before its text does that no number is cut: longer tokens than 300 bytes aren't read. */
const MARGIN = 512;
/** Zeros behind the text, for loops that look at eight bytes at a time. */
const BEHIND = 16;
