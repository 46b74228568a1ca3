/** `@serving/json-codec`: TensorFlow Serving's REST JSON to tensors and back. */
export {
  type DecodedPredictRequest,
  decodeParsedPredictRequest,
  decodePredictRequest,
  type JsonPredictRequestFormat,
} from './predict-request-decoder.js';
export { encodeError, encodePredictResponse, type JsonEncodeOptions } from './predict-response-encoder.js';
