/** Output tensors, or an error, to the body of a response. */
import { bytesFromText, ServingError } from '@serving/core';
import { type NamedTensors, StringArray } from '@serving/core/tensor';
import { ByteWriter } from './byte-writer.js';
import { writeColumnObject, writeRowObjects } from './named-tensors-writer.js';
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
  if (!compact) writer.newLine(0);
  writer.byte(CLOSE_BRACE);
  return writer.finish();
}

/** Encodes `{"error": message}`; bytes that are no UTF-8 stand in `message` as a `ServingError` of ours has them. */
export function encodeError(message: string): Uint8Array {
  const writer = new ByteWriter(message.length + 32);
  writer.ascii('{\n    "error": ');
  writer.jsonString(bytesFromText(message));
  writer.newLine(0);
  writer.byte(CLOSE_BRACE);
  return writer.finish();
}

const CLOSE_BRACE = 0x7d;

function encodeRows(writer: ByteWriter, outputs: NamedTensors, names: readonly string[], compact: boolean): void {
  const batchSize = commonBatchSize(outputs, names);
  writer.ascii(compact ? '{"predictions":' : '{\n    "predictions": ');
  if (batchSize === 0) {
    writer.ascii('[]');
  } else if (names.length === 1) {
    const style: ListStyle = compact ? 'compact' : 'inline';
    const name = names[0]!;
    const place = { style, level: 1, firstDimension: 0, base64: isBytesName(name), closeOnOwnLine: !compact };
    new TensorWriter(writer, outputs[name]!, place).write(0);
  } else {
    writeRowObjects(writer, outputs, names, batchSize, { compact, isBase64: isBytesName });
  }
}

function encodeColumns(writer: ByteWriter, outputs: NamedTensors, names: readonly string[], compact: boolean): void {
  writer.ascii(compact ? '{"outputs":' : '{\n    "outputs": ');
  if (names.length === 1) {
    const style: ListStyle = compact ? 'compact' : 'open';
    const name = names[0]!;
    const place = { style, level: 1, firstDimension: 0, base64: isBytesName(name) };
    new TensorWriter(writer, outputs[name]!, place).write(0);
  } else {
    writeColumnObject(writer, outputs, names, { compact, isBase64: isBytesName });
  }
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
