/** A tensor, or one of its rows, as nested lists of JSON text. */
import type { Tensor } from '@serving/core/tensor';
import type { ByteWriter } from './byte-writer.js';
import { type ElementLayout, writeElements } from './element-writer.js';

/** Where lists break lines: `open` each element on its own line, `inline` all on one, `compact` without any white space. */
export type ListStyle = 'open' | 'inline' | 'compact';

/** A place in the text at which a tensor's values are written. */
export interface TensorPlace {
  readonly style: ListStyle;
  /** Lists and objects that are open around it. */
  readonly level: number;
  /** The first dimension to write; those before it are fixed by `offset`. */
  readonly firstDimension: number;
  /** Index of the first value. */
  readonly offset: number;
  /** Strings go out as `{"b64": …}`. */
  readonly base64: boolean;
  /** The outermost closing bracket stands on a line of its own, in `inline` too. */
  readonly closeOnOwnLine?: boolean;
}

/**
 * Writes the values of a tensor from a dimension on: a scalar as it is, else lists within lists. A dimension of 0 ends
 * the nesting: its lists are `[]`.
 */
export function writeTensor(writer: ByteWriter, tensor: Tensor, place: TensorPlace): void {
  const { style, level, offset } = place;
  const sizes = nonEmptyNesting(tensor.shape, place.firstDimension);
  const rank = sizes.length;
  const layout: ElementLayout = {
    separator: separator(style, level + rank),
    level: style === 'compact' ? undefined : level + rank,
    base64: place.base64,
  };
  if (rank === 0) {
    writeElements(writer, tensor, offset, offset + 1, layout);
    return;
  }
  const innermost = sizes[rank - 1]!;
  const done = new Uint32Array(rank);
  const open = style === 'open';
  let at = offset;
  let depth = 0;
  for (;;) {
    for (; depth < rank; depth++) {
      writer.byte(OPEN);
      if (open && sizes[depth]! > 0) writer.newLine(level + depth + 1);
    }
    writeElements(writer, tensor, at, at + innermost, layout);
    at += innermost;
    done[rank - 1] = innermost;
    while (depth > 0 && done[depth - 1] === sizes[depth - 1]) {
      depth--;
      done[depth] = 0;
      if (sizes[depth]! > 0 && (open || (depth === 0 && place.closeOnOwnLine === true))) writer.newLine(level + depth);
      writer.byte(CLOSE);
      if (depth > 0) done[depth - 1]! += 1;
    }
    if (depth === 0) return;
    writeSeparator(writer, style, level + depth);
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
