/** ModelServerConfig → the models that a ModelServer is started with. */
import { isAbsolute } from 'node:path';
import { type LoggingConfig, type ModelConfig, ServingError } from '@serving/core';
import { parseVersion } from '@serving/core/extend';
import type {
  LoggingConfigMessage,
  ModelConfigEntry,
  ModelServerConfigMessage,
  ServableVersionPolicy,
} from '../text/model-server-config.js';

/** What a list of models may have that TensorFlow Serving's may not. */
export interface ModelConfigsOptions {
  /** Whether base paths may begin at the working directory. Default `false`: one that does is refused. */
  readonly allowRelativeBasePaths?: boolean;
}

const TENSORFLOW_PLATFORM = 'tensorflow';
const TENSORFLOW_MODEL_TYPE = 1;
const URI = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * The models of a ModelServerConfigMessage, in its order; none when it has no list. What a ModelServer checks itself (names,
 * known platforms and log collectors) is left to it.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a platform given twice or not at all, a model type without a platform,
 * a base path that is relative, and a custom model config.
 */
export function toModelConfigs(config: ModelServerConfigMessage, options: ModelConfigsOptions = {}): ModelConfig[] {
  if (config.customModelConfig) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `custom_model_config (${config.customModelConfig.typeUrl}) is not supported; use model_config_list`,
    );
  }
  return (config.modelConfigList?.config ?? []).map((entry) => toModelConfig(entry, options));
}

function toModelConfig(entry: ModelConfigEntry, { allowRelativeBasePaths = false }: ModelConfigsOptions): ModelConfig {
  if (!allowRelativeBasePaths && !isAbsolute(entry.basePath) && !URI.test(entry.basePath)) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Expected model ${entry.name} to have an absolute path or URI; got base_path()=${entry.basePath}${
        entry.basePath.startsWith('~') ? ' (only shells expand "~": write the home folder out)' : ''
      }`,
    );
  }
  const versionPolicy = entry.modelVersionPolicy && toVersionPolicy(entry.modelVersionPolicy);
  return {
    name: entry.name,
    basePath: entry.basePath,
    platform: platformOf(entry),
    ...(versionPolicy && { versionPolicy }),
    ...(entry.loggingConfig && { loggingConfig: toLoggingConfig(entry.loggingConfig) }),
    ...(entry.versionLabels.size > 0 && {
      versionLabels: Object.fromEntries(
        Array.from(entry.versionLabels, ([label, version]) => [label, parseVersion(version)]),
      ),
    }),
  };
}

function platformOf({ name, modelType, modelPlatform }: ModelConfigEntry): string {
  if (modelType === 0) {
    if (modelPlatform !== '') return modelPlatform;
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is ${name}`,
      { hint: `Add model_platform: "tensorflow", or "onnx", to the config of ${name}` },
    );
  }
  if (modelPlatform !== '') {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, model name is ${name}`,
    );
  }
  if (modelType === TENSORFLOW_MODEL_TYPE) return TENSORFLOW_PLATFORM;
  throw new ServingError('INVALID_ARGUMENT', `ModelServerConfig::model_type choice ${modelType} not supported.`);
}

/** What isn't set has its protobuf default: no type of collector, and no request is sampled. */
function toLoggingConfig({
  logCollectorConfig,
  samplingConfig,
  customLoggingConfig,
}: LoggingConfigMessage): LoggingConfig {
  return {
    logCollectorConfig: logCollectorConfig ?? { type: '', filenamePrefix: '' },
    samplingConfig: samplingConfig ?? { samplingRate: 0 },
    ...(customLoggingConfig && { customLoggingConfig }),
  };
}

function toVersionPolicy(policy: ServableVersionPolicy): ModelConfig['versionPolicy'] {
  // No number of versions, which reads as 0, means one.
  if (policy.latest) return { latest: { numVersions: Math.max(policy.latest.numVersions, 1) } };
  if (policy.all) return { all: {} };
  return (
    policy.specific && { specific: { versions: policy.specific.versions.map((version) => parseVersion(version)) } }
  );
}
