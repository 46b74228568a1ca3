/**
 * TensorFlow Serving's REST JSON to tensors and examples and back. A server decodes requests ({@link decodePredictRequest}) and encodes responses
 * ({@link encodePredictResponse}); a client the other way round ({@link encodePredictRequest}, {@link decodePredictResponse}).
 *
 * @module @serving/json-codec
 */

// For servers.

export {
  encodeClassificationResponse,
  encodeClassificationResponseInSlices,
} from './classification-response-encoder.js';
export {
  type DecodedExamplesRequest,
  decodeClassificationRequest,
  decodeClassificationRequestInSlices,
  decodeParsedClassificationRequest,
  decodeParsedRegressionRequest,
  decodeRegressionRequest,
  decodeRegressionRequestInSlices,
} from './examples-request-decoder.js';
export { checkLength, type JsonEncodeOptions } from './json-encode-options.js';
export {
  type DecodedPredictRequest,
  decodeParsedPredictRequest,
  decodePredictRequest,
  decodePredictRequestInSlices,
  type JsonPredictRequestFormat,
} from './predict-request-decoder.js';
export {
  encodeError,
  encodePredictResponse,
  encodePredictResponseInSlices,
  isLargeResponse,
} from './predict-response-encoder.js';
export { encodeRegressionResponse, encodeRegressionResponseInSlices } from './regression-response-encoder.js';
export { serializedBody } from './request-body.js';
export { SLICE_BYTES, type SlicedWork, type SliceOptions } from './slice-budget.js';

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
