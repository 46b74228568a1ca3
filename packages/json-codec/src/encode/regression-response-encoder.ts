/** One number per example to the body of a regress response. */
import { type RegressionResult, ServingError } from '@serving/core';
import {
  ELEMENT_COST,
  GeneratedWork,
  inOneGo,
  type SliceBudget,
  type SlicedWork,
  UNLIMITED,
} from '../slicing/slice-budget.js';
import { ByteWriter, checkLength, type JsonEncodeOptions } from './byte-writer.js';
import { MAX_FLOAT_TEXT, writeFloat32 } from './float-writer.js';

/**
 * Encodes `{"results": [value, …]}`, by the rule for float32 numbers. The bytes returned are the caller's.
 *
 * @throws ServingError `INVALID_ARGUMENT` without values.
 */
export function encodeRegressionResponse(result: RegressionResult, options: JsonEncodeOptions = {}): Uint8Array {
  return inOneGo(encodeInSlices(result, options, UNLIMITED));
}

/** As {@link encodeRegressionResponse}, in slices, as `encodePredictResponseInSlices` has them. */
export function encodeRegressionResponseInSlices(
  result: RegressionResult,
  options: JsonEncodeOptions = {},
): SlicedWork<Uint8Array> {
  return new GeneratedWork((budget) => encodeInSlices(result, options, budget), options.sliceBytes);
}

function* encodeInSlices(
  { values }: RegressionResult,
  options: JsonEncodeOptions,
  budget: SliceBudget,
): Generator<void, Uint8Array> {
  if (values.length === 0) {
    throw new ServingError('INVALID_ARGUMENT', 'Cannot convert empty RegressionResults to JSON');
  }
  const compact = options.compact === true;
  // A value takes four bytes at least, with what stands behind it.
  checkLength(4 * values.length, options);
  const writer = new ByteWriter(32 + values.length * 14);
  writer.ascii(compact ? '{"results":[' : '{\n    "results": [');
  for (let i = 0; i < values.length; i++) {
    if (budget.left <= 0) {
      checkLength(writer.length, options);
      yield;
      yield* writer.reserveSlice(budget);
    }
    const { length } = writer;
    if (i > 0) writer.ascii(compact ? ',' : ', ');
    writer.reserve(MAX_FLOAT_TEXT);
    writer.length = writeFloat32(values[i]!, writer.bytes, writer.length);
    budget.left -= writer.length - length + ELEMENT_COST;
  }
  writer.ascii(compact ? ']}' : ']\n}');
  checkLength(writer.length, options);
  return writer.finish();
}
