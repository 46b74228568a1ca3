/** A tensor, or one of its rows, as nested lists of JSON text. */
import type { NumericArray, Tensor } from '@serving/core/tensor';
import { numberLoops } from '../numbers/number-loops.js';
import { ELEMENT_COST, type SliceBudget, UNLIMITED } from '../slicing/slice-budget.js';
import { ByteWriter } from './byte-writer.js';
import { ElementWriter } from './element-writer.js';
import { NumberRunWriter, type Separators } from './number-writer.js';

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

  /** Goes on until the budget is used up; whether all values are written. */
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
      writer.byte(OPEN);
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
    writer.byte(CLOSE);
  }

  /** What stands between two items of a list at a level. */
  #separate(writer: ByteWriter, depth: number): void {
    const { style, level } = this.#place;
    writer.byte(COMMA);
    if (style === 'open') writer.newLine(level + depth);
    else if (style === 'inline') writer.byte(0x20);
  }
}

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

function nonEmptyNesting(shape: readonly number[], firstDimension: number): readonly number[] {
  const empty = shape.indexOf(0, firstDimension);
  if (empty < 0) return firstDimension === 0 ? shape : shape.slice(firstDimension);
  return shape.slice(firstDimension, empty + 1);
}

const COMPACT_SEPARATOR: Uint8Array = Uint8Array.of(COMMA);
const INLINE_SEPARATOR: Uint8Array = Uint8Array.of(COMMA, 0x20);
