/** A tensor, or one of its rows, as nested lists of JSON text; runs of numbers go through {@link NumberLoops}, a block of values at a time. */
import type { NumericArray, Tensor } from '@serving/core/tensor';
import {
  RUN_COUNTS,
  RUN_SIZES,
  SEPARATOR_TEXTS,
  SEPARATOR_TEXTS_SIZE,
  SEPARATORS,
  VALUE_COUNT,
} from '../numbers/number-loops.generated.js';
import { type NumberLoop, type NumberLoops, numberLoops } from '../numbers/number-loops.js';
import { ELEMENT_COST, type SliceBudget, UNLIMITED } from '../slicing/slice-budget.js';
import { ByteWriter } from './byte-writer.js';
import { ElementWriter, type Separators } from './element-writer.js';

/** Where lists break lines: `open` each element on its own line, `inline` all on one, `compact` without any white space. */
export type ListStyle = 'open' | 'inline' | 'compact';

/** The place in the text at which a tensor's values are written. */
export interface TensorPlace {
  readonly style: ListStyle;
  /** Lists and objects that are open around it. */
  readonly level: number;
  /** The first dimension to write; an index into those before it is given as the offset of a first value. */
  readonly firstDimension: number;
  /** Strings go out as `{"b64": …}`. */
  readonly base64: boolean;
  /** The outermost closing bracket stands on a line of its own, in `inline` too. */
  readonly closeOnOwnLine?: boolean;
}

/**
 * Writes a tensor, or its rows one by one: a scalar as it is, else lists within lists. A dimension of 0 ends the nesting:
 * its lists are `[]`.
 */
export class TensorWriter implements Separators {
  readonly #writer: ByteWriter;
  readonly #place: TensorPlace;
  readonly #sizes: readonly number[];
  readonly #elements: ElementWriter | NumberRunWriter;
  /** Innermost dimensions whose values are written as one run, and how many values those are. */
  readonly #runRank: number;
  readonly #runLength: number;
  /** Where the run begins that is being written. */
  #at = 0;
  /** Lists (innermost: values) that are done at each level. */
  #done: number[] | undefined;

  constructor(writer: ByteWriter, tensor: Tensor, place: TensorPlace) {
    const { style, level } = place;
    const sizes = nonEmptyNesting(tensor.shape, place.firstDimension);
    const rank = sizes.length;
    this.#writer = writer;
    this.#place = place;
    this.#sizes = sizes;
    const loops = numberLoops();
    const loop = loops?.byType[tensor.dtype];
    this.#elements =
      loop === undefined
        ? new ElementWriter(writer, tensor, rank, this, {
            level: style === 'compact' ? undefined : level + rank,
            base64: place.base64,
          })
        : new NumberRunWriter(writer, loops!, loop, tensor.data as NumericArray, sizes, this);
    this.#runRank = this.#elements.runRank;
    let length = 1;
    for (let i = rank - this.#runRank; i < rank; i++) length *= sizes[i]!;
    this.#runLength = length;
  }

  /** Writes the values from the `offset`-th on that the place's dimensions hold. */
  write(offset: number): void {
    this.begin(offset);
    this.step(UNLIMITED);
  }

  /** Has {@link step} write the values from the `offset`-th on. */
  begin(offset: number): void {
    this.#openLists(this.#writer, 0);
    this.#at = offset;
    this.#elements.begin(offset, offset + this.#runLength);
  }

  /** Continues until the budget is used up. Returns whether all values are written. */
  step(budget: SliceBudget): boolean {
    const rank = this.#sizes.length;
    if (this.#runRank !== rank) return this.#stepRuns(budget);
    if (!this.#elements.step(budget)) return false;
    for (let depth = rank - 1; depth >= 0; depth--) this.#closeList(this.#writer, depth);
    return true;
  }

  #stepRuns(budget: SliceBudget): boolean {
    const sizes = this.#sizes;
    const rank = sizes.length;
    this.#done ??= new Array<number>(rank).fill(0);
    const done = this.#done;
    while (budget.left > 0 && this.#elements.step(budget)) {
      for (let i = rank - this.#runRank; i < rank - 1; i++) done[i] = sizes[i]! - 1;
      done[rank - 1] = sizes[rank - 1]!;
      const { length } = this.#writer;
      const depth = this.#closeLists(done);
      if (depth === 0) return true;
      this.#separate(this.#writer, depth);
      this.#openLists(this.#writer, depth);
      budget.left -= this.#writer.length - length + ELEMENT_COST;
      this.#at += this.#runLength;
      this.#elements.begin(this.#at, this.#at + this.#runLength);
    }
    return false;
  }

  /** The text between two values of one run after the first of which `ends` lists end. */
  separator(ends: number): Uint8Array {
    const rank = this.#sizes.length;
    const { style, level } = this.#place;
    if (ends === 0 && style === 'compact') return COMPACT_SEPARATOR;
    if (ends === 0 && style === 'inline') return INLINE_SEPARATOR;
    const writer = new ByteWriter((2 * ends + 1) * (4 * (level + rank) + 2));
    for (let depth = rank - 1; depth >= rank - ends; depth--) this.#closeList(writer, depth);
    this.#separate(writer, rank - ends);
    this.#openLists(writer, rank - ends);
    return writer.finish();
  }

  /** Opens lists from a level on. */
  #openLists(writer: ByteWriter, from: number): void {
    const { style, level } = this.#place;
    for (let depth = from; depth < this.#sizes.length; depth++) {
      writer.byte(OPEN_BRACKET);
      if (style === 'open' && this.#sizes[depth]! > 0) writer.newLine(level + depth + 1);
    }
  }

  /** Closes the lists that are complete; the level that stays open, where the next list comes. */
  #closeLists(done: number[]): number {
    const sizes = this.#sizes;
    let depth = sizes.length;
    while (depth > 0 && done[depth - 1] === sizes[depth - 1]) {
      depth--;
      done[depth] = 0;
      this.#closeList(this.#writer, depth);
      if (depth > 0) done[depth - 1]! += 1;
    }
    return depth;
  }

  #closeList(writer: ByteWriter, depth: number): void {
    const { style, level, closeOnOwnLine } = this.#place;
    const ownLine = style === 'open' || (depth === 0 && closeOnOwnLine === true);
    if (ownLine && this.#sizes[depth]! > 0) writer.newLine(level + depth);
    writer.byte(CLOSE_BRACKET);
  }

  /** What stands between two items of a list at a level. */
  #separate(writer: ByteWriter, depth: number): void {
    const { style, level } = this.#place;
    writer.byte(COMMA);
    if (style === 'open') writer.newLine(level + depth);
    else if (style === 'inline') writer.byte(0x20);
  }
}

function nonEmptyNesting(shape: readonly number[], firstDimension: number): readonly number[] {
  const empty = shape.indexOf(0, firstDimension);
  if (empty < 0) return firstDimension === 0 ? shape : shape.slice(firstDimension);
  return shape.slice(firstDimension, empty + 1);
}

const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;

const COMPACT_SEPARATOR: Uint8Array = Uint8Array.of(COMMA);
const INLINE_SEPARATOR: Uint8Array = Uint8Array.of(COMMA, 0x20);

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

  /** Continues until the budget is used up. Returns whether the run is written. */
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
