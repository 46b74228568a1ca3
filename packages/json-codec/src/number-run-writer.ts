/** Runs of numbers, the lists between them included, to text: a block of values at a time goes through {@link NumberLoops}. */
import type { NumericArray } from '@serving/core/tensor';
import type { ByteWriter } from './byte-writer.js';
import type { NumberLoop, NumberLoops } from './number-loops.js';

/** The lists that a run of numbers stands in. */
export interface NumberRunLayout {
  /** Outermost first. */
  readonly sizes: readonly number[];
  /** The text between two values after the first of which so many lists end. */
  readonly separator: (ends: number) => Uint8Array;
}

/** Writes runs of one tensor's numbers. */
export class NumberRunWriter {
  readonly #writer: ByteWriter;
  readonly #loops: NumberLoops;
  readonly #loop: NumberLoop;
  readonly #data: NumericArray;
  /** Sizes of the lists that a run spans, innermost first, and the separators by the number of lists that end. */
  readonly #sizes: number[] = [];
  readonly #separators: Uint8Array[] = [];
  readonly #longest: number;

  constructor(
    writer: ByteWriter,
    loops: NumberLoops,
    loop: NumberLoop,
    data: NumericArray,
    { sizes, separator }: NumberRunLayout,
  ) {
    this.#writer = writer;
    this.#loops = loops;
    this.#loop = loop;
    this.#data = data;
    let room = loops.areas.SEPARATOR_TEXTS_SIZE;
    let longest = 0;
    for (let ends = 0; ends < sizes.length && ends < MAX_RANK; ends++) {
      const size = sizes[sizes.length - 1 - ends]!;
      const text = size > 1 ? separator(ends) : NONE;
      if (text.length > room) break;
      room -= text.length;
      longest = Math.max(longest, text.length);
      this.#sizes.push(size);
      this.#separators.push(text);
      if (size === 0) break;
    }
    this.#longest = longest;
  }

  /** Innermost lists that a run spans. */
  get runRank(): number {
    return this.#sizes.length;
  }

  /** Writes values `begin` to `end` (not included), which a run consists of. */
  write(begin: number, end: number): void {
    const loops = this.#loops;
    const { words, areas } = loops;
    const { values } = this.#loop;
    this.#prepare();
    for (let from = begin; from < end; from += BLOCK) {
      const count = Math.min(end - from, BLOCK);
      copy(this.#data, from, count, values);
      for (let next = 0; next < count; next = words[areas.VALUE_COUNT >> 2]!) {
        const length = this.#loop.write(next, count, from === begin && next === 0, this.#longest);
        this.#writer.raw(loops.text, length);
      }
    }
  }

  /** Puts sizes and separators into the loops' memory, and begins to count. */
  #prepare(): void {
    const loops = this.#loops;
    const { words, bytes, areas } = loops;
    const sizes = this.#sizes;
    loops.textOwner = undefined;
    for (let i = 0; i < sizes.length; i++) words[(areas.RUN_COUNTS >> 2) + i] = 0;
    if (loops.separatorsOwner === this) return;
    loops.separatorsOwner = this;
    let at = areas.SEPARATOR_TEXTS;
    for (let i = 0; i < sizes.length; i++) {
      const text = this.#separators[i]!;
      words[(areas.RUN_SIZES >> 2) + i] = sizes[i]!;
      words[(areas.SEPARATORS >> 2) + 2 * i] = at;
      words[(areas.SEPARATORS >> 2) + 2 * i + 1] = text.length;
      for (let k = 0; k < text.length; k++) bytes[at + k] = text[k]!;
      at += text.length;
    }
  }
}

const NONE: Uint8Array = new Uint8Array(0);
/** Lists within lists that the loops keep count of. */
const MAX_RANK = 31;
/** Values that go into the loops' memory at once: few enough that they and their text stay in the processor's cache. */
const BLOCK = 2048;
/** Below this many values a loop copies faster than a call of `set`. */
const FEW = 16;

function copy(data: NumericArray, from: number, count: number, target: NumericArray): void {
  const values = data as Float64Array;
  if (count > FEW) (target as Float64Array).set(values.subarray(from, from + count));
  else for (let i = 0; i < count; i++) target[i] = values[from + i]!;
}
