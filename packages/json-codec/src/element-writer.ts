/** Tensor values to JSON text, a run of them at a time. */
import { ServingError } from '@serving/core';
import type { StringArray, Tensor } from '@serving/core/tensor';
import { encodeBase64Into } from './base64.js';
import type { ByteWriter } from './byte-writer.js';
import { MAX_FLOAT_TEXT, writeFloat32, writeFloat64 } from './float-writer.js';
import { LOW_HALF } from './growing-numbers.js';

/** What stands around values: the text between two of them, and the layout of an object that one of them is. */
export interface ElementLayout {
  readonly separator: Uint8Array;
  /** Open lists and objects around the value; `undefined` for text without white space. */
  readonly level: number | undefined;
  /** Strings are written as `{"b64": …}`. */
  readonly base64: boolean;
}

/**
 * Writes values `begin` to `end` (not included) with separators between them.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a data type without a JSON form, if there is a value to write.
 */
export function writeElements(
  writer: ByteWriter,
  tensor: Tensor,
  begin: number,
  end: number,
  layout: ElementLayout,
): void {
  // Blocks keep the room reserved ahead small beside the text written.
  for (let from = begin; from < end; from += BLOCK) {
    if (from > begin) writer.raw(layout.separator);
    writeBlock(writer, tensor, from, Math.min(end, from + BLOCK), layout);
  }
}

const BLOCK = 1024;
const MAX_INTEGER_TEXT = 11;
const MAX_BIGINT_TEXT = 20;
/** A 64-bit integer whose upper half is within this is within ±2⁵³. */
const SAFE_HIGH_HALF = 2 ** 21;

function copyBytes(from: Uint8Array, to: Uint8Array, at: number): number {
  for (let i = 0; i < from.length; i++) to[at + i] = from[i]!;
  return at + from.length;
}

function writeBlock(
  writer: ByteWriter,
  { dtype, data }: Tensor,
  begin: number,
  end: number,
  layout: ElementLayout,
): void {
  switch (dtype) {
    case 'float':
      writeFloats32(writer, data as Float32Array, begin, end, layout.separator);
      return;
    case 'double':
      writeFloats64(writer, data as Float64Array, begin, end, layout.separator);
      return;
    case 'int32':
    case 'int16':
    case 'int8':
    case 'uint8':
    case 'uint32':
      writeIntegers(writer, data as Int32Array, begin, end, layout.separator);
      return;
    case 'int64':
    case 'uint64':
      writeBigInts(writer, data as BigInt64Array, begin, end, layout.separator);
      return;
    case 'bool':
      for (let i = begin; i < end; i++) {
        if (i > begin) writer.raw(layout.separator);
        writer.ascii((data as Uint8Array)[i] === 0 ? 'false' : 'true');
      }
      return;
    case 'string':
      writeStrings(writer, data as StringArray, begin, end, layout);
      return;
    default:
      throw new ServingError('INVALID_ARGUMENT', `Failed to write JSON value for tensor type: ${dtype}`);
  }
}

function writeFloats32(
  writer: ByteWriter,
  values: Float32Array,
  begin: number,
  end: number,
  separator: Uint8Array,
): void {
  writer.reserve((end - begin) * (MAX_FLOAT_TEXT + separator.length));
  const { bytes } = writer;
  let at = writer.length;
  for (let i = begin; i < end; i++) {
    if (i > begin) at = copyBytes(separator, bytes, at);
    at = writeFloat32(values[i]!, bytes, at);
  }
  writer.length = at;
}

function writeFloats64(
  writer: ByteWriter,
  values: Float64Array,
  begin: number,
  end: number,
  separator: Uint8Array,
): void {
  writer.reserve((end - begin) * (MAX_FLOAT_TEXT + separator.length));
  const { bytes } = writer;
  let at = writer.length;
  for (let i = begin; i < end; i++) {
    if (i > begin) at = copyBytes(separator, bytes, at);
    at = writeFloat64(values[i]!, bytes, at);
  }
  writer.length = at;
}

function writeIntegers(
  writer: ByteWriter,
  values: Int32Array,
  begin: number,
  end: number,
  separator: Uint8Array,
): void {
  writer.reserve((end - begin) * (MAX_INTEGER_TEXT + separator.length));
  const { bytes } = writer;
  let at = writer.length;
  for (let i = begin; i < end; i++) {
    if (i > begin) at = copyBytes(separator, bytes, at);
    at = writeInteger(values[i]!, bytes, at);
  }
  writer.length = at;
}

/** Writes an integer of up to 53 bits. */
function writeInteger(value: number, bytes: Uint8Array, at: number): number {
  let to = at;
  let rest = value;
  if (rest < 0) {
    bytes[to++] = 0x2d;
    rest = -rest;
  }
  let count = 1;
  for (let power = 10; rest >= power; power *= 10) count++;
  for (let i = to + count - 1; i >= to; i--) {
    const tenth = Math.floor(rest / 10);
    bytes[i] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
  return to + count;
}

function writeBigInts(
  writer: ByteWriter,
  values: BigInt64Array,
  begin: number,
  end: number,
  separator: Uint8Array,
): void {
  writer.reserve((end - begin) * (MAX_BIGINT_TEXT + separator.length));
  const { bytes } = writer;
  const lowest = values instanceof BigInt64Array ? -SAFE_HIGH_HALF : 0;
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let at = writer.length;
  for (let i = begin; i < end; i++) {
    if (i > begin) at = copyBytes(separator, bytes, at);
    const high = halves[2 * i + 1 - LOW_HALF]!;
    if (high >= lowest && high < SAFE_HIGH_HALF) {
      at = writeInteger(high * 2 ** 32 + (halves[2 * i + LOW_HALF]! >>> 0), bytes, at);
      continue;
    }
    const text = values[i]!.toString();
    for (let k = 0; k < text.length; k++) bytes[at++] = text.charCodeAt(k);
  }
  writer.length = at;
}

function writeStrings(
  writer: ByteWriter,
  values: StringArray,
  begin: number,
  end: number,
  layout: ElementLayout,
): void {
  const { bytes, offsets } = values;
  for (let i = begin; i < end; i++) {
    if (i > begin) writer.raw(layout.separator);
    if (layout.base64) writeBase64Object(writer, bytes, offsets[i]!, offsets[i + 1]!, layout.level);
    else writer.jsonString(bytes, offsets[i]!, offsets[i + 1]!);
  }
}

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
