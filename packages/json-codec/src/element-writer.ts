/** Tensor values to JSON text one by one. */
import { ServingError } from '@serving/core';
import type { NumericArray, StringArray, Tensor } from '@serving/core/tensor';
import { encodeBase64Into } from './base64.js';
import type { ByteWriter } from './byte-writer.js';
import { floatText } from './float-text.js';
import type { Separators } from './number-run-writer.js';

/** The layout of a value that is an object. */
export interface ObjectLayout {
  /** Open lists and objects around the value; `undefined` for text without white space. */
  readonly level: number | undefined;
  /** Strings are written as `{"b64": …}`. */
  readonly base64: boolean;
}

/** Writes values one by one: strings, and numbers where there are no loops for them. */
export class ElementWriter {
  /** Innermost lists that a run spans: 1, or 0 for a scalar. */
  readonly runRank: number;
  readonly #writer: ByteWriter;
  readonly #tensor: Tensor;
  readonly #separators: Separators;
  readonly #layout: ObjectLayout;

  /** @param rank lists that the values stand in */
  constructor(writer: ByteWriter, tensor: Tensor, rank: number, separators: Separators, layout: ObjectLayout) {
    this.runRank = Math.min(1, rank);
    this.#writer = writer;
    this.#tensor = tensor;
    this.#separators = separators;
    this.#layout = layout;
  }

  /**
   * Writes values `begin` to `end` (not included) with what stands between them.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a data type without a JSON form, if there is a value to write.
   */
  write(begin: number, end: number): void {
    const writer = this.#writer;
    const tensor = this.#tensor;
    const separator = end - begin > 1 ? this.#separators.separator(0) : NONE;
    for (let i = begin; i < end; i++) {
      if (i > begin) writer.raw(separator);
      if (tensor.dtype === 'string') this.#writeString(tensor.data, i);
      else writer.ascii(numberText(tensor, i));
    }
  }

  #writeString({ bytes, offsets }: StringArray, index: number): void {
    const { base64, level } = this.#layout;
    const start = offsets[index]!;
    const end = offsets[index + 1]!;
    if (base64) writeBase64Object(this.#writer, bytes, start, end, level);
    else this.#writer.jsonString(bytes, start, end);
  }
}

const NONE: Uint8Array = new Uint8Array(0);

/** Writes `{"b64": …}` of `bytes[start … end)` in the layout of a level, without white space when that is `undefined`. */
export function writeBase64Object(
  writer: ByteWriter,
  bytes: Uint8Array,
  start: number,
  end: number,
  level: number | undefined,
): void {
  writer.byte(0x7b);
  if (level === undefined) {
    writer.ascii('"b64":"');
  } else {
    writer.newLine(level + 1);
    writer.ascii('"b64": "');
  }
  writer.reserve(Math.ceil((end - start) / 3) * 4);
  writer.length = encodeBase64Into(bytes, start, end, writer.bytes, writer.length);
  writer.byte(0x22);
  if (level !== undefined) writer.newLine(level);
  writer.byte(0x7d);
}

/** A number's text where there is no WebAssembly to write it. */
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
