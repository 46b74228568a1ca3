/** Tensor values to JSON text one by one. */
import { ServingError } from '@serving/core';
import type { NumericArray, StringArray, Tensor } from '@serving/core/tensor';
import { encodeBase64Into } from '../json/base64.js';
import { floatText } from '../numbers/float-text.js';
import { ELEMENT_COST, SLICE_BYTES, type SliceBudget } from '../slicing/slice-budget.js';
import type { ByteWriter } from './byte-writer.js';

/** What stands between two values of a run. */
export interface Separators {
  /** The text between two values after the first of which so many lists end. */
  separator(ends: number): Uint8Array;
}

/** The layout of a value that is an object. */
export interface ObjectLayout {
  /** Open lists and objects around the value; `undefined` for text without white space. */
  readonly level: number | undefined;
  /** Strings are written as `{"b64": …}`. */
  readonly base64: boolean;
}

/** Writes values one by one: strings, and numbers without loops of their own. */
export class ElementWriter {
  /** Innermost lists that a run spans: 1, or 0 for a scalar. */
  readonly runRank: number;
  readonly #writer: ByteWriter;
  readonly #tensor: Tensor;
  readonly #separators: Separators;
  readonly #layout: ObjectLayout;
  /** Of the values that are being written. */
  #first = 0;
  #next = 0;
  #end = 0;
  #separator: Uint8Array = NONE;
  /** A string that takes several slices. */
  #long: Iterator<void> | undefined;

  /** @param rank lists that the values stand in */
  constructor(writer: ByteWriter, tensor: Tensor, rank: number, separators: Separators, layout: ObjectLayout) {
    this.runRank = Math.min(1, rank);
    this.#writer = writer;
    this.#tensor = tensor;
    this.#separators = separators;
    this.#layout = layout;
  }

  /** Has {@link step} write values `begin` to `end` (not included) with what stands between them. */
  begin(begin: number, end: number): void {
    this.#first = begin;
    this.#next = begin;
    this.#end = end;
    this.#separator = end - begin > 1 ? this.#separators.separator(0) : NONE;
  }

  /**
   * Continues until the budget is used up. Returns whether all values are written.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a data type without a JSON form, if there is a value to write.
   */
  step(budget: SliceBudget): boolean {
    const writer = this.#writer;
    const tensor = this.#tensor;
    for (; this.#next < this.#end; this.#next++) {
      if (budget.left <= 0) return false;
      const { length } = writer;
      const i = this.#next;
      if (i > this.#first && this.#long === undefined) writer.raw(this.#separator);
      if (tensor.dtype !== 'string') writer.ascii(numberText(tensor, i));
      else if (!this.#writeString(tensor.data, i, budget)) return false;
      budget.left -= writer.length - length + ELEMENT_COST;
    }
    return true;
  }

  /** Whether the string is written; not while it needs further slices. */
  #writeString({ bytes, offsets }: StringArray, index: number, budget: SliceBudget): boolean {
    const { base64, level } = this.#layout;
    const start = offsets[index]!;
    const end = offsets[index + 1]!;
    if (end - start > SLICE_BYTES) {
      this.#long ??= writeLongString(this.#writer, bytes.subarray(start, end), this.#layout, budget);
      if (this.#long.next().done !== true) return false;
      this.#long = undefined;
    } else if (base64) {
      writeBase64Object(this.#writer, bytes, start, end, level);
    } else {
      this.#writer.jsonString(bytes, start, end);
    }
    return true;
  }
}

const NONE: Uint8Array = new Uint8Array(0);

/** Bytes of a long string that are written at once, a multiple of three. */
const PIECE: number = 48 * 1024;

function* writeLongString(
  writer: ByteWriter,
  bytes: Uint8Array,
  { base64, level }: ObjectLayout,
  budget: SliceBudget,
): Generator<void, void> {
  if (base64) openBase64Object(writer, level);
  else writer.byte(QUOTE);
  for (let from = 0; from < bytes.length; from += PIECE) {
    if (budget.left <= 0) yield;
    const to = Math.min(bytes.length, from + PIECE);
    const { length } = writer;
    if (base64) writeBase64(writer, bytes, from, to);
    else writer.jsonText(bytes, from, to);
    budget.left -= writer.length - length;
  }
  if (base64) closeBase64Object(writer, level);
  else writer.byte(QUOTE);
}

/** Writes `{"b64": …}` of `bytes[start … end)` in the layout of a level, without white space when that is `undefined`. */
export function writeBase64Object(
  writer: ByteWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
  level: number | undefined,
): void {
  openBase64Object(writer, level);
  writeBase64(writer, bytes, start, end);
  closeBase64Object(writer, level);
}

function openBase64Object(writer: ByteWriter, level: number | undefined): void {
  writer.byte(0x7b);
  if (level === undefined) {
    writer.ascii('"b64":"');
  } else {
    writer.newLine(level + 1);
    writer.ascii('"b64": "');
  }
}

function writeBase64(writer: ByteWriter, bytes: Uint8Array, start: number, end: number): void {
  writer.reserve(Math.ceil((end - start) / 3) * 4);
  writer.length = encodeBase64Into(bytes, start, end, writer.bytes, writer.length);
}

function closeBase64Object(writer: ByteWriter, level: number | undefined): void {
  writer.byte(QUOTE);
  if (level !== undefined) writer.newLine(level);
  writer.byte(0x7d);
}

/** A number's text without WebAssembly. */
function numberText({ dtype, data }: Tensor, index: number): string {
  const value = (data as NumericArray)[index]!;
  switch (dtype) {
    case 'float':
      return floatText(value as number, 9);
    case 'double':
      return floatText(value as number, 17);
    case 'bool':
      return value === 0 ? 'false' : 'true';
    case 'int8':
    case 'uint8':
    case 'int16':
    case 'int32':
    case 'uint32':
    case 'int64':
    case 'uint64':
      return value.toString();
    default:
      throw new ServingError('INVALID_ARGUMENT', `Failed to write JSON value for tensor type: ${dtype}`);
  }
}

const QUOTE = 0x22;
