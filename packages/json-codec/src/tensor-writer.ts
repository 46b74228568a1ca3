/** A tensor, or one of its rows, as nested lists of JSON text. */
import type { Tensor } from '@serving/core/tensor';
import type { ByteWriter } from './byte-writer.js';
import { type ElementLayout, writeElements } from './element-writer.js';

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
export class TensorWriter {
  readonly #writer: ByteWriter;
  readonly #tensor: Tensor;
  readonly #place: TensorPlace;
  readonly #sizes: readonly number[];
  readonly #layout: ElementLayout;
  /** Lists (innermost: values) that are done at each level. */
  readonly #done: number[];

  constructor(writer: ByteWriter, tensor: Tensor, place: TensorPlace) {
    const { style, level } = place;
    const sizes = nonEmptyNesting(tensor.shape, place.firstDimension);
    this.#writer = writer;
    this.#tensor = tensor;
    this.#place = place;
    this.#sizes = sizes;
    this.#layout = {
      separator: separator(style, level + sizes.length),
      level: style === 'compact' ? undefined : level + sizes.length,
      base64: place.base64,
    };
    this.#done = new Array<number>(sizes.length).fill(0);
  }

  /** Writes the values from the `offset`-th on that the place's dimensions hold. */
  write(offset: number): void {
    const writer = this.#writer;
    const sizes = this.#sizes;
    const done = this.#done;
    const rank = sizes.length;
    if (rank === 0) {
      writeElements(writer, this.#tensor, offset, offset + 1, this.#layout);
      return;
    }
    const innermost = sizes[rank - 1]!;
    let at = offset;
    let depth = 0;
    for (;;) {
      this.#openLists(depth);
      writeElements(writer, this.#tensor, at, at + innermost, this.#layout);
      at += innermost;
      done[rank - 1] = innermost;
      depth = this.#closeLists();
      if (depth === 0) return;
      writeSeparator(writer, this.#place.style, this.#place.level + depth);
    }
  }

  /** Opens lists from a level on. */
  #openLists(from: number): void {
    const { style, level } = this.#place;
    for (let depth = from; depth < this.#sizes.length; depth++) {
      this.#writer.byte(OPEN);
      if (style === 'open' && this.#sizes[depth]! > 0) this.#writer.newLine(level + depth + 1);
    }
  }

  /** Closes the lists that are complete; the level that stays open, where the next list comes. */
  #closeLists(): number {
    const { style, level, closeOnOwnLine } = this.#place;
    const sizes = this.#sizes;
    const done = this.#done;
    let depth = sizes.length;
    while (depth > 0 && done[depth - 1] === sizes[depth - 1]) {
      depth--;
      done[depth] = 0;
      const ownLine = style === 'open' || (depth === 0 && closeOnOwnLine === true);
      if (ownLine && sizes[depth]! > 0) this.#writer.newLine(level + depth);
      this.#writer.byte(CLOSE);
      if (depth > 0) done[depth - 1]! += 1;
    }
    return depth;
  }
}

const OPEN = 0x5b;
const CLOSE = 0x5d;
const COMMA = 0x2c;

function nonEmptyNesting(shape: readonly number[], firstDimension: number): readonly number[] {
  const empty = shape.indexOf(0, firstDimension);
  return shape.slice(firstDimension, empty < 0 ? shape.length : empty + 1);
}

function writeSeparator(writer: ByteWriter, style: ListStyle, level: number): void {
  writer.byte(COMMA);
  if (style === 'open') writer.newLine(level);
  else if (style === 'inline') writer.byte(0x20);
}

const COMPACT_SEPARATOR: Uint8Array = Uint8Array.of(COMMA);
const INLINE_SEPARATOR: Uint8Array = Uint8Array.of(COMMA, 0x20);

function separator(style: ListStyle, level: number): Uint8Array {
  if (style === 'compact') return COMPACT_SEPARATOR;
  if (style === 'inline') return INLINE_SEPARATOR;
  const bytes = new Uint8Array(2 + 4 * level).fill(0x20);
  bytes[0] = COMMA;
  bytes[1] = 0x0a;
  return bytes;
}
