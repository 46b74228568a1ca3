/** `@serving/protos`: TensorFlow's and TensorFlow Serving's messages as plain objects. */
export { decodeExample } from './example-decoder.js';
export { encodeExample, encodeExamples } from './example-encoder.js';
export { toModelConfigs } from './model-configs.js';
export { decodeSavedModel, type MetaGraph, parseSavedModelText, type SavedModel } from './saved-model.js';
export {
  type ConcreteFunctionOutline,
  decodeSavedModelOutline,
  type MetaGraphOutline,
  parseSavedModelOutlineText,
} from './saved-model-outline.js';
export { toTensor } from './tensor-proto.js';
export {
  type AnyMessage,
  type LoggingConfig,
  type ModelConfigEntry,
  type ModelServerConfig,
  parseModelServerConfig,
  type ServableVersionPolicy,
} from './text/model-server-config.js';
export { type MonitoringConfig, parseMonitoringConfig } from './text/monitoring-config.js';
export { formatSignatureDef } from './text/signature-def.js';
