/**
 * TensorFlow's and TensorFlow Serving's messages as plain objects: {@link decodeMessage} and {@link encodeMessage} for any of {@link Messages}, faster ones of
 * their own for requests, responses and tensors, and parsers of TensorFlow Serving's configuration files. The `.proto` files are in `@serving/protos/proto`.
 *
 * @module @serving/protos
 */

export { decodeExample } from './example/example-decoder.js';
export { encodeExample, encodeExamples } from './example/example-encoder.js';
export type { Messages } from './gen/messages.js';
export {
  encodeClassificationResponse,
  encodeMultiInferenceResponse,
  encodeRegressionResponse,
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
export { type ModelConfigsOptions, toModelConfigs } from './messages/model-configs.js';
export type { AnsweringModel, ModelSpecMessage } from './messages/model-spec.js';
export {
  decodePredictRequest,
  decodePredictResponse,
  encodePredictRequest,
  encodePredictResponse,
  type PredictRequestMessage,
  type PredictResponseMessage,
} from './messages/predict.js';
export { createProtobufPredictFormat, protobufPredictFormat } from './messages/predict-body-format.js';
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
export type { GraphFunction, GraphNode, GraphOutline, OpOutline } from './saved-model/graph-outline.js';
export { decodeSavedModel, type MetaGraph, parseSavedModelText, type SavedModel } from './saved-model/saved-model.js';
export {
  checkVariables,
  readMetaGraph,
  readMetaGraphWithGraph,
  readSavedModel,
  readSavedModelOutline,
} from './saved-model/saved-model-reader.js';
export {
  type ConcreteFunctionOutline,
  decodeSavedModelGraphs,
  decodeSavedModelOutline,
  type MetaGraphOutline,
  parseSavedModelGraphsText,
  parseSavedModelOutlineText,
} from './saved-model/saved-model-summary.js';
export { FillAllowance, type FillOptions } from './tensor/expansion-budget.js';
export type { BytesOwnership } from './tensor/tensor-content.js';
export { toTensor } from './tensor/tensor-proto.js';
export { decodeTensorProto, EncodedTensorProto, type TensorProtoDecoding } from './tensor/tensor-proto-decoder.js';
export { encodeTensorProto, type TensorProtoEncoding } from './tensor/tensor-proto-encoder.js';
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
