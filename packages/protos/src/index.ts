/**
 * TensorFlow's and TensorFlow Serving's messages as plain objects: {@link decodeMessage} and {@link encodeMessage} for any of {@link Messages}, faster ones of
 * their own for requests, responses and tensors, and parsers of TensorFlow Serving's configuration files. The `.proto` files are in `@serving/protos/proto`.
 *
 * @module @serving/protos
 */
export {
  encodeClassificationResponse,
  encodeMultiInferenceResponse,
  encodeRegressionResponse,
} from './apis/example-results.js';
export {
  decodeGetModelMetadataRequest,
  encodeGetModelMetadataResponse,
  type GetModelMetadataRequestMessage,
} from './apis/get-model-metadata.js';
export {
  decodeGetModelStatusRequest,
  encodeGetModelStatusResponse,
  type GetModelStatusRequestMessage,
} from './apis/get-model-status.js';
export {
  decodeMultiInferenceRequest,
  type InferenceTaskMessage,
  type MultiInferenceRequestMessage,
} from './apis/inference.js';
export { decodeExamplesRequest, type ExamplesRequestMessage } from './apis/input.js';
export { encodeLoggedRequest } from './apis/logged-request.js';
export type { AnsweringModel, ModelSpecMessage } from './apis/model-spec.js';
export {
  decodePredictRequest,
  decodePredictResponse,
  encodePredictRequest,
  encodePredictResponse,
  type PredictRequestMessage,
  type PredictResponseMessage,
} from './apis/predict.js';
export {
  decodePredictionLog,
  encodeExamplesRequest,
  encodeMultiInferenceRequest,
  encodePredictionLog,
  type PredictionLogMessage,
  type PredictionLogType,
} from './apis/prediction-log.js';
export { decodeReloadConfigRequest, type ReloadConfigRequestMessage } from './apis/reload-config.js';
export {
  decodeSessionRunRequest,
  encodeSessionRunResponse,
  type SessionRunRequestMessage,
} from './apis/session-run.js';
export { decodeExample } from './example-decoder.js';
export { encodeExample, encodeExamples } from './example-encoder.js';
export { FillAllowance, type FillOptions } from './fill-allowance.js';
export type { Messages } from './gen/messages.js';
export type { GraphFunction, GraphNode, GraphOutline, OpOutline } from './graph-outline.js';
export { decodeMessage, encodeMessage } from './message.js';
export { MessageLimit } from './message-limit.js';
export { type ModelConfigsOptions, toModelConfigs } from './model-configs.js';
export { createProtobufPredictFormat, protobufPredictFormat } from './predict-body-format.js';
export { decodeSavedModel, type MetaGraph, parseSavedModelText, type SavedModel } from './saved-model.js';
export {
  type ConcreteFunctionOutline,
  decodeSavedModelGraphs,
  decodeSavedModelOutline,
  type MetaGraphOutline,
  parseSavedModelGraphsText,
  parseSavedModelOutlineText,
} from './saved-model-outline.js';
export type { BytesOwnership } from './tensor-content.js';
export { toTensor } from './tensor-proto.js';
export { decodeTensorProto, EncodedTensorProto, type TensorProtoDecoding } from './tensor-proto-decoder.js';
export { encodeTensorProto, type TensorProtoEncoding } from './tensor-proto-encoder.js';
export { parseBatchingParameters } from './text/batching-parameters.js';
export {
  type AnyMessage,
  type LoggingConfig,
  type ModelConfigEntry,
  type ModelServerConfig,
  parseModelServerConfig,
  type ServableVersionPolicy,
} from './text/model-server-config.js';
export { type MonitoringConfig, parseMonitoringConfig } from './text/monitoring-config.js';
export { parsePlatformConfigMap, type SessionBundleConfig } from './text/platform-config.js';
export { parseSessionConfig, type SessionConfig } from './text/session-config.js';
export { formatSignatureDef } from './text/signature-def.js';
export { parseSslConfig, type SslConfig } from './text/ssl-config.js';
export { TextFormatError, type TextPosition, textFormatErrorLine } from './text/text-format-error.js';
