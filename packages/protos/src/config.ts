/**
 * Parsers of TensorFlow Serving's configuration files in protobuf's text format, {@link parseModelServerConfig} among them.
 *
 * @module @serving/protos/config
 */

export { type ModelConfigsOptions, toModelConfigs } from './messages/model-configs.js';
export { parseBatchingParameters } from './text/batching-parameters.js';
export {
  type AnyMessage,
  type LoggingConfigMessage,
  type ModelConfigEntry,
  type ModelServerConfigMessage,
  parseModelServerConfig,
  type ServableVersionPolicy,
} from './text/model-server-config.js';
export { type MonitoringConfig, parseMonitoringConfig } from './text/monitoring-config.js';
export { parsePlatformConfigMap, type SessionBundleConfig } from './text/platform-config.js';
export { parseSessionConfig, type SessionConfig } from './text/session-config.js';
export { parseSslConfig, type SslConfig } from './text/ssl-config.js';
export { TextFormatError, type TextPosition, textFormatErrorLine } from './text/text-format-error.js';
