/**
 * TensorFlow's and TensorFlow Serving's messages as plain objects: {@link decodeMessage} and {@link encodeMessage} for any of
 * {@link Messages}, faster ones of their own for requests and responses. The `.proto` files are in `@serving/protos/proto`.
 *
 * @module @serving/protos/messages
 */

export { decodeExample } from './example/example-decoder.js';
export { encodeExample, encodeExamples } from './example/example-encoder.js';
export type { Messages } from './gen/messages.js';
export {
  encodeClassificationResponseMessage,
  encodeMultiInferenceResponse,
  encodeRegressionResponseMessage,
} from './messages/example-results.js';
export {
  decodeGetModelMetadataRequest,
  encodeGetModelMetadataResponse,
  type GetModelMetadataRequestMessage,
} from './messages/get-model-metadata.js';
export {
  decodeGetModelStatusRequest,
  encodeGetModelStatusResponse,
  type GetModelStatusRequestMessage,
} from './messages/get-model-status.js';
export {
  decodeMultiInferenceRequest,
  type InferenceTaskMessage,
  type MultiInferenceRequestMessage,
} from './messages/inference.js';
export { decodeExamplesRequest, type ExamplesRequestMessage } from './messages/input.js';
export { encodeLoggedRequest } from './messages/logged-request.js';
export { decodeMessage, encodeMessage } from './messages/message.js';
export { MessageLimit } from './messages/message-limit.js';
export type { AnsweringModel, ModelSpecMessage } from './messages/model-spec.js';
export {
  decodePredictRequestMessage,
  decodePredictRequestMessageInSlices,
  decodePredictResponseMessage,
  encodePredictRequestMessage,
  encodePredictResponseMessage,
  type PredictRequestMessage,
  type PredictResponseMessage,
} from './messages/predict.js';
export {
  createPredictBodyFormat,
  createProtobufPredictFormat,
  protobufPredictFormat,
} from './messages/predict-body-format.js';
export {
  decodePredictionLog,
  encodeExamplesRequest,
  encodeMultiInferenceRequest,
  encodePredictionLog,
  type PredictionLogMessage,
  type PredictionLogType,
} from './messages/prediction-log.js';
export { decodeReloadConfigRequest, type ReloadConfigRequestMessage } from './messages/reload-config.js';
export {
  decodeSessionRunRequest,
  encodeSessionRunResponse,
  type SessionRunRequestMessage,
} from './messages/session-run.js';
