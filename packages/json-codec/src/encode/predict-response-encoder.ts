/** Output tensors, or an error, to the body of a response. */
import { ServingError } from '@serving/core';
import { bytesFromText } from '@serving/core/internal';
import { type NamedTensors, StringArray } from '@serving/core/tensor';
import type { JsonPredictRequestFormat } from '../decode/decoded-predict-request.js';
import { CLOSE_BRACE } from '../json/characters.js';
import { GeneratedWork, SLICE_BYTES, type SliceBudget, type SlicedWork, UNLIMITED } from '../slicing/slice-budget.js';
import { ByteWriter, checkLength, type JsonEncodeOptions } from './byte-writer.js';
import { FewNumbersEncoder } from './few-numbers-encoder.js';
import { ColumnObjectWriter, RowObjectsWriter, type TensorsWriter } from './named-tensors-writer.js';
import { type ListStyle, TensorWriter } from './tensor-writer.js';

/**
 * Encodes the outputs of a run in the form of their request: `row` gives `{"predictions": […]}` with one entry per
 * example, `columnar` gives `{"outputs": …}`. An output's name stands only where there are several. Strings of an output
 * whose name ends in `_bytes` go out as `{"b64": …}`, other strings as their raw bytes. The bytes returned are the
 * caller's.
 *
 * @throws ServingError `INVALID_ARGUMENT` without outputs, when one has a data type without a JSON form, or
 * when in row format one has no first dimension or another than the others; `OUT_OF_RANGE` beyond `maxBytes`.
 */
export function encodePredictResponse(
  format: JsonPredictRequestFormat,
  outputs: NamedTensors,
  options: JsonEncodeOptions = {},
): Uint8Array {
  return encodeNamed(format, outputs, Object.keys(outputs), options);
}

function encodeNamed(
  format: JsonPredictRequestFormat,
  outputs: NamedTensors,
  names: readonly string[],
  options: JsonEncodeOptions,
): Uint8Array {
  const encoder = (options.compact === true ? compactFewNumbers : fewNumbers)[format];
  const few = names.length === 1 ? encoder.encode(outputs[names[0]!]!, options) : undefined;
  return few ?? encodeAny(format, outputs, names, options);
}

function encodeAny(
  format: JsonPredictRequestFormat,
  outputs: NamedTensors,
  names: readonly string[],
  options: JsonEncodeOptions,
): Uint8Array {
  const writer = writerFor(outputs, names, options);
  beginOutputs(writer, format, outputs, names, options)?.step(UNLIMITED);
  return finishOutputs(writer, options);
}

/**
 * {@link encodePredictResponse} for a response that takes no longer than a slice, {@link encodePredictResponseInSlices} for a
 * larger one.
 */
export function encodePredictResponseOrSlices(
  format: JsonPredictRequestFormat,
  outputs: NamedTensors,
  options: JsonEncodeOptions = {},
): Uint8Array | SlicedWork<Uint8Array> {
  const names = Object.keys(outputs);
  return isLarge(outputs, names)
    ? encodePredictResponseInSlices(format, outputs, options)
    : encodeNamed(format, outputs, names, options);
}

/**
 * As {@link encodePredictResponse}, in slices of at most 256 KiB of text or 64k elements, between which its caller lets the event
 * loop turn. The outputs must not change until the work is done or given up.
 */
export function encodePredictResponseInSlices(
  format: JsonPredictRequestFormat,
  outputs: NamedTensors,
  options: JsonEncodeOptions = {},
): SlicedWork<Uint8Array> {
  return new GeneratedWork((budget) => encodeInSlices(format, outputs, options, budget), options.sliceBytes);
}

function* encodeInSlices(
  format: JsonPredictRequestFormat,
  outputs: NamedTensors,
  options: JsonEncodeOptions,
  budget: SliceBudget,
): Generator<void, Uint8Array> {
  const names = Object.keys(outputs);
  const writer = writerFor(outputs, names, options);
  const tensors = beginOutputs(writer, format, outputs, names, options);
  while (tensors?.step(budget) === false) {
    checkLength(writer.length, options);
    yield;
    yield* writer.reserveSlice(budget);
  }
  return finishOutputs(writer, options);
}

function fewNumbersOf(compact: boolean): Readonly<Record<JsonPredictRequestFormat, FewNumbersEncoder>> {
  const encoderOf = (format: JsonPredictRequestFormat): FewNumbersEncoder =>
    new FewNumbersEncoder((output) => encodeAny(format, { output }, ['output'], { compact }));
  return { row: encoderOf('row'), columnar: encoderOf('columnar') };
}

const fewNumbers = fewNumbersOf(false);
const compactFewNumbers = fewNumbersOf(true);

/** Whether a response is worth encoding in slices: in one go it would take longer than a slice. */
function isLarge(outputs: NamedTensors, names: readonly string[]): boolean {
  let bytes = 0;
  for (let i = 0; i < names.length; i++) {
    const { data } = outputs[names[i]!]!;
    bytes += data.length * USUAL_TEXT + (data instanceof StringArray ? data.byteLength : 0);
  }
  return bytes > SLICE_BYTES;
}

/** Of a value, with what stands around it. */
const USUAL_TEXT = 8;

function writerFor(outputs: NamedTensors, names: readonly string[], options: JsonEncodeOptions): ByteWriter {
  if (names.length === 0) throw new ServingError('INVALID_ARGUMENT', 'Cannot convert empty tensor map to JSON');
  const bytes = estimatedBytes(outputs, names);
  if (options.maxBytes !== undefined && bytes > options.maxBytes) checkLength(leastBytes(outputs, names), options);
  return new ByteWriter(bytes, options.buffers);
}

/** A value takes two bytes at least, with what stands behind it. */
function leastBytes(outputs: NamedTensors, names: readonly string[]): number {
  let values = 0;
  for (const name of names) values += outputs[name]!.data.length;
  return 2 * values;
}

/** Writes what stands before the tensors; what writes these, if there are any. */
function beginOutputs(
  writer: ByteWriter,
  format: JsonPredictRequestFormat,
  outputs: NamedTensors,
  names: readonly string[],
  options: JsonEncodeOptions,
): TensorsWriter | undefined {
  const compact = options.compact === true;
  return format === 'row' ? beginRows(writer, outputs, names, compact) : beginColumns(writer, outputs, names, compact);
}

function finishOutputs(writer: ByteWriter, options: JsonEncodeOptions): Uint8Array {
  if (options.compact !== true) writer.newLine(0);
  writer.byte(CLOSE_BRACE);
  checkLength(writer.length, options);
  return writer.finish();
}

/**
 * Encodes `{"error": message}`, or `{"error": message, "hint": hint}`. Bytes that are not UTF-8 stand in both as a `ServingError` of ours has
 * them.
 */
export function encodeError(message: string, hint?: string): Uint8Array {
  const writer = new ByteWriter(message.length + 32);
  writer.ascii('{\n    "error": ');
  writer.jsonString(bytesFromText(message));
  if (hint !== undefined) {
    writer.ascii(',\n    "hint": ');
    writer.jsonString(bytesFromText(hint));
  }
  writer.newLine(0);
  writer.byte(CLOSE_BRACE);
  return writer.finish();
}

function beginRows(
  writer: ByteWriter,
  outputs: NamedTensors,
  names: readonly string[],
  compact: boolean,
): TensorsWriter | undefined {
  const batchSize = commonBatchSize(outputs, names);
  writer.ascii(compact ? '{"predictions":' : '{\n    "predictions": ');
  if (batchSize === 0) {
    writer.ascii('[]');
    return undefined;
  }
  if (names.length > 1) {
    return new RowObjectsWriter(writer, outputs, names, batchSize, { compact, isBase64: isBytesName });
  }
  const style: ListStyle = compact ? 'compact' : 'inline';
  return beginOnly(writer, outputs, names[0]!, style, !compact);
}

function beginColumns(
  writer: ByteWriter,
  outputs: NamedTensors,
  names: readonly string[],
  compact: boolean,
): TensorsWriter {
  writer.ascii(compact ? '{"outputs":' : '{\n    "outputs": ');
  return names.length === 1
    ? beginOnly(writer, outputs, names[0]!, compact ? 'compact' : 'open', false)
    : new ColumnObjectWriter(writer, outputs, names, { compact, isBase64: isBytesName });
}

function beginOnly(
  writer: ByteWriter,
  outputs: NamedTensors,
  name: string,
  style: ListStyle,
  closeOnOwnLine: boolean,
): TensorsWriter {
  const place = { style, level: 1, firstDimension: 0, base64: isBytesName(name), closeOnOwnLine };
  const tensor = new TensorWriter(writer, outputs[name]!, place);
  tensor.begin(0);
  return tensor;
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
