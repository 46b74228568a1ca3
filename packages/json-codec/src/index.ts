/**
 * TensorFlow Serving's REST JSON to tensors and examples and back. A server decodes requests ({@link decodePredictRequest}) and encodes responses
 * ({@link encodePredictResponse}); a client the other way round ({@link encodePredictRequest}, {@link decodePredictResponse}).
 *
 * @module @serving/json-codec
 */

// For servers.

export type { DecodeBuffers, DecodeOptions } from './decode/body-chunks.js';
export type { DecodedPredictRequest, JsonPredictRequestFormat } from './decode/decoded-predict-request.js';
export {
  type DecodedExamplesRequest,
  decodeClassificationRequest,
  decodeClassificationRequestInSlices,
  decodeParsedClassificationRequest,
  decodeParsedRegressionRequest,
  decodeRegressionRequest,
  decodeRegressionRequestInSlices,
} from './decode/examples/examples-request-decoder.js';
export {
  decodeParsedPredictRequest,
  decodePredictRequest,
  decodePredictRequestInSlices,
} from './decode/predict-request-decoder.js';
export { serializedBody } from './decode/request-body.js';
export { checkLength, type EncodeBuffers, type JsonEncodeOptions } from './encode/byte-writer.js';
export {
  encodeClassificationResponse,
  encodeClassificationResponseInSlices,
} from './encode/classification-response-encoder.js';
export {
  encodeError,
  encodePredictResponse,
  encodePredictResponseInSlices,
  encodePredictResponseOrSlices,
} from './encode/predict-response-encoder.js';
export { encodeRegressionResponse, encodeRegressionResponseInSlices } from './encode/regression-response-encoder.js';
export { SLICE_BYTES, type SlicedWork, type SliceOptions } from './slicing/slice-budget.js';

// For clients.

export {
  type ExamplesRequestEncodeOptions,
  type ExamplesToEncode,
  encodeClassificationRequest,
  encodeRegressionRequest,
} from './client/examples-request-encoder.js';
export { decodeClassificationResponse, decodeRegressionResponse } from './client/examples-response-decoders.js';
export {
  encodePredictRequest,
  type PredictRequestEncodeOptions,
  type TypedPredictRequestEncodeOptions,
} from './client/predict-request-encoder.js';
export {
  type DecodedPredictResponse,
  decodePredictResponse,
  type PredictResponseDecodeOptions,
} from './client/predict-response-decoder.js';
export type { ResponseDecodeOptions } from './client/response-body.js';
