/** One number per example to the body of a regress response. */
import { type RegressionResult, ServingError } from '@serving/core';
import { ByteWriter } from './byte-writer.js';
import { MAX_FLOAT_TEXT, writeFloat32 } from './float-writer.js';
import type { JsonEncodeOptions } from './predict-response-encoder.js';

/**
 * Encodes `{"results": [value, …]}`, by the rule for float32 numbers. The bytes returned are the caller's.
 *
 * @throws ServingError `INVALID_ARGUMENT` when there is no value.
 */
export function encodeRegressionResponse({ values }: RegressionResult, options: JsonEncodeOptions = {}): Uint8Array {
  if (values.length === 0) {
    throw new ServingError('INVALID_ARGUMENT', 'Cannot convert empty RegressionResults to JSON');
  }
  const compact = options.compact === true;
  const writer = new ByteWriter(32 + values.length * 14);
  writer.ascii(compact ? '{"results":[' : '{\n    "results": [');
  for (let i = 0; i < values.length; i++) {
    if (i > 0) writer.ascii(compact ? ',' : ', ');
    writer.reserve(MAX_FLOAT_TEXT);
    writer.length = writeFloat32(values[i]!, writer.bytes, writer.length);
  }
  writer.ascii(compact ? ']}' : ']\n}');
  return writer.finish();
}
