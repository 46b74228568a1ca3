/** Output tensors, or an error, to the body of a response. */
import { ServingError } from '@serving/core';
import { type NamedTensors, StringArray, type Tensor } from '@serving/core/tensor';
import { ByteWriter } from './byte-writer.js';
import type { JsonPredictRequestFormat } from './predict-request-decoder.js';
import { type ListStyle, TensorWriter } from './tensor-writer.js';

/** How a response is laid out. */
export interface JsonEncodeOptions {
  /** Leave out all white space. Default false: the text is laid out as TensorFlow Serving does. */
  readonly compact?: boolean;
}

/**
 * Encodes the outputs of a run in the form of their request: `row` gives `{"predictions": […]}` with one entry per
 * example, `columnar` gives `{"outputs": …}`. An output's name stands only where there are several. Strings of an output
 * whose name ends in `_bytes` go out as `{"b64": …}`, other strings as their raw bytes. The bytes returned are the
 * caller's.
 *
 * @throws ServingError `INVALID_ARGUMENT` when there is no output, when one has a data type without a JSON form, or
 * when in row format one has no first dimension or another than the others.
 */
export function encodePredictResponse(
  format: JsonPredictRequestFormat,
  outputs: NamedTensors,
  options: JsonEncodeOptions = {},
): Uint8Array {
  const names = Object.keys(outputs);
  if (names.length === 0) throw new ServingError('INVALID_ARGUMENT', 'Cannot convert empty tensor map to JSON');
  const compact = options.compact === true;
  const writer = new ByteWriter(estimatedBytes(outputs, names));
  if (format === 'row') encodeRows(writer, outputs, names, compact);
  else encodeColumns(writer, outputs, names, compact);
  newLine(writer, 0, compact);
  writer.byte(CLOSE_BRACE);
  return writer.finish();
}

/** Encodes `{"error": message}`. */
export function encodeError(message: string): Uint8Array {
  const writer = new ByteWriter(message.length + 32);
  writer.ascii('{\n    "error": ');
  writer.jsonString(Buffer.from(message));
  writer.newLine(0);
  writer.byte(CLOSE_BRACE);
  return writer.finish();
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

function encodeRows(writer: ByteWriter, outputs: NamedTensors, names: readonly string[], compact: boolean): void {
  const batchSize = commonBatchSize(outputs, names);
  const style: ListStyle = compact ? 'compact' : 'inline';
  writer.ascii(compact ? '{"predictions":' : '{\n    "predictions": ');
  if (batchSize === 0) {
    writer.ascii('[]');
    return;
  }
  if (names.length === 1) {
    const name = names[0]!;
    const place = { style, level: 1, firstDimension: 0, base64: isBytesName(name), closeOnOwnLine: !compact };
    new TensorWriter(writer, outputs[name]!, place).write(0);
    return;
  }
  const keys = names.map((name, index) => memberStart(name, index, 3, compact));
  const sizes = names.map((name) => valueCount(outputs[name]!) / batchSize);
  const members = names.map((name) => {
    return new TensorWriter(writer, outputs[name]!, { style, level: 3, firstDimension: 1, base64: isBytesName(name) });
  });
  writer.byte(OPEN_BRACKET);
  for (let row = 0; row < batchSize; row++) {
    if (row > 0) writer.byte(COMMA);
    newLine(writer, 2, compact);
    writer.byte(OPEN_BRACE);
    for (let i = 0; i < members.length; i++) {
      writer.raw(keys[i]!);
      members[i]!.write(row * sizes[i]!);
    }
    newLine(writer, 2, compact);
    writer.byte(CLOSE_BRACE);
  }
  newLine(writer, 1, compact);
  writer.byte(CLOSE_BRACKET);
}

function encodeColumns(writer: ByteWriter, outputs: NamedTensors, names: readonly string[], compact: boolean): void {
  const style: ListStyle = compact ? 'compact' : 'open';
  const single = names.length === 1;
  const level = single ? 1 : 2;
  writer.ascii(compact ? '{"outputs":' : '{\n    "outputs": ');
  if (!single) writer.byte(OPEN_BRACE);
  for (const [index, name] of names.entries()) {
    if (!single) writer.raw(memberStart(name, index, level, compact));
    const place = { style, level, firstDimension: 0, base64: isBytesName(name) };
    new TensorWriter(writer, outputs[name]!, place).write(0);
  }
  if (single) return;
  newLine(writer, 1, compact);
  writer.byte(CLOSE_BRACE);
}

function commonBatchSize(outputs: NamedTensors, names: readonly string[]): number {
  let expected: number | undefined;
  for (const name of names) {
    const batchSize = outputs[name]!.shape[0];
    if (batchSize === undefined) {
      throw new ServingError('INVALID_ARGUMENT', `Tensor name: ${name} has no shape information `);
    }
    if (expected !== undefined && batchSize !== expected) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Tensor name: ${name} has inconsistent batch size: ${batchSize} expecting: ${expected}`,
      );
    }
    expected = batchSize;
  }
  return expected!;
}

function valueCount(tensor: Tensor): number {
  let count = 1;
  for (const size of tensor.shape) count *= size;
  return count;
}

function isBytesName(name: string): boolean {
  return name.endsWith('_bytes');
}

/** Room for a usual text of the values; the writer grows when it is longer. */
function estimatedBytes(outputs: NamedTensors, names: readonly string[]): number {
  let bytes = 96;
  for (const name of names) {
    const { data } = outputs[name]!;
    bytes += 64 + data.length * 14 + (data instanceof StringArray ? data.byteLength : 0);
  }
  return bytes;
}

function newLine(writer: ByteWriter, level: number, compact: boolean): void {
  if (!compact) writer.newLine(level);
}

/** What stands before a member's value: comma, line and name. */
function memberStart(name: string, index: number, level: number, compact: boolean): Uint8Array {
  const writer = new ByteWriter(64);
  if (index > 0) writer.byte(COMMA);
  newLine(writer, level, compact);
  writer.jsonString(Buffer.from(name));
  writer.ascii(compact ? ':' : ': ');
  return writer.finish();
}
