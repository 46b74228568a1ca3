/** Runs of numbers, the lists between them included, to text: a block of values at a time goes through {@link NumberLoops}. */
import type { NumericArray } from '@serving/core/tensor';
import {
  RUN_COUNTS,
  RUN_SIZES,
  SEPARATOR_TEXTS,
  SEPARATOR_TEXTS_SIZE,
  SEPARATORS,
  VALUE_COUNT,
} from '../numbers/number-loops.generated.js';
import type { NumberLoop, NumberLoops } from '../numbers/number-loops.js';
import { ELEMENT_COST, type SliceBudget } from '../slicing/slice-budget.js';
import type { ByteWriter } from './byte-writer.js';

/** What stands between two values of a run. */
export interface Separators {
  /** The text between two values after the first of which so many lists end. */
  separator(ends: number): Uint8Array;
}

/** Writes runs of one tensor's numbers. */
export class NumberRunWriter {
  readonly #writer: ByteWriter;
  readonly #loops: NumberLoops;
  readonly #loop: NumberLoop;
  readonly #data: NumericArray;
  /** Of all lists, outermost first. */
  readonly #sizes: readonly number[];
  /** By the number of lists that end; as many as lists that a run spans. */
  readonly #separators: Uint8Array[] = [];
  #longest = 0;
  #claim = NO_CLAIM;
  /** Of the run that is being written: what comes next, and what the loops have counted where it pauses. */
  #next = 0;
  #end = 0;
  #isFirst = true;
  #counts: Int32Array | undefined;

  /** @param sizes of the lists that the values stand in, outermost first */
  constructor(
    writer: ByteWriter,
    loops: NumberLoops,
    loop: NumberLoop,
    data: NumericArray,
    sizes: readonly number[],
    separators: Separators,
  ) {
    this.#writer = writer;
    this.#loops = loops;
    this.#loop = loop;
    this.#data = data;
    this.#sizes = sizes;
    let room = SEPARATOR_TEXTS_SIZE;
    for (let ends = 0; ends < sizes.length && ends < MAX_RANK; ends++) {
      const size = sizes[sizes.length - 1 - ends]!;
      const text = size > 1 ? separators.separator(ends) : NONE;
      if (text.length > room) break;
      room -= text.length;
      if (text.length > this.#longest) this.#longest = text.length;
      this.#separators.push(text);
      if (size === 0) break;
    }
  }

  /** Innermost lists that a run spans: 1 or more, 0 for a scalar. */
  get runRank(): number {
    return this.#separators.length;
  }

  /** Has {@link step} write values `begin` to `end` (not included), which a run consists of. */
  begin(begin: number, end: number): void {
    this.#next = begin;
    this.#end = end;
    this.#counts = undefined;
    this.#isFirst = true;
  }

  /** Goes on until the budget is used up; whether the run is written. */
  step(budget: SliceBudget): boolean {
    const loops = this.#loops;
    const { words, text } = loops;
    const { values, type } = this.#loop;
    const end = this.#end;
    this.#prepare();
    for (let from = this.#next; from < end; from += BLOCK) {
      if (budget.left <= 0) {
        // The loops are for every writer of this thread.
        this.#counts = words.slice(RUN_COUNTS >> 2, (RUN_COUNTS >> 2) + this.runRank);
        this.#next = from;
        return false;
      }
      const count = Math.min(end - from, BLOCK);
      copy(this.#data, from, count, values);
      for (let next = 0; next < count; next = words[VALUE_COUNT >> 2]!) {
        const length = loops.write(type, next, count, this.#isFirst, this.#longest);
        this.#isFirst = false;
        this.#writer.raw(text, length);
        budget.left -= length;
      }
      budget.left -= ELEMENT_COST * count;
    }
    return true;
  }

  /** Puts sizes and separators into the loops' memory, and begins to count, or goes on. */
  #prepare(): void {
    const loops = this.#loops;
    const { words, bytes } = loops;
    const sizes = this.#sizes;
    const rank = this.runRank;
    loops.textClaim++;
    const counts = this.#counts;
    for (let i = 0; i < rank; i++) words[(RUN_COUNTS >> 2) + i] = counts === undefined ? 0 : counts[i]!;
    if (loops.separatorsClaim === this.#claim) return;
    this.#claim = ++loops.separatorsClaim;
    let at = SEPARATOR_TEXTS;
    for (let i = 0; i < rank; i++) {
      const text = this.#separators[i]!;
      words[(RUN_SIZES >> 2) + i] = sizes[sizes.length - 1 - i]!;
      words[(SEPARATORS >> 2) + 2 * i] = at;
      words[(SEPARATORS >> 2) + 2 * i + 1] = text.length;
      for (let k = 0; k < text.length; k++) bytes[at + k] = text[k]!;
      at += text.length;
    }
  }
}

const NO_CLAIM = -1;
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
