/** `@serving/json-codec`: TensorFlow Serving's REST JSON to tensors and back. */
export { encodeClassificationResponse } from './classification-response-encoder.js';
export {
  type DecodedExamplesRequest,
  decodeClassificationRequest,
  decodeParsedClassificationRequest,
  decodeParsedRegressionRequest,
  decodeRegressionRequest,
} from './examples-request-decoder.js';
export {
  type DecodedPredictRequest,
  decodeParsedPredictRequest,
  decodePredictRequest,
  type JsonPredictRequestFormat,
} from './predict-request-decoder.js';
export { encodeError, encodePredictResponse, type JsonEncodeOptions } from './predict-response-encoder.js';
export { encodeRegressionResponse } from './regression-response-encoder.js';
