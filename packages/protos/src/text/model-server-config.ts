/** The file of `--model_config_file`: ModelServerConfig in protobuf text format. */
import type { Messages } from '../gen/messages.js';
import { parseConfigText } from './config-text.js';

/**
 * ModelServerConfigMessage with TensorFlow Serving's fields under camelCase names. Message fields and members of a oneof are absent when
 * the file doesn't set them; scalars, lists and maps are always there. At most one of the two members is set.
 */
export interface ModelServerConfigMessage {
  readonly modelConfigList?: { readonly config: readonly ModelConfigEntry[] };
  readonly customModelConfig?: AnyMessage;
}

/** One model of the list. */
export interface ModelConfigEntry {
  readonly name: string;
  readonly basePath: string;
  /** The older form of `modelPlatform`: 0 unspecified, 1 TensorFlow, 2 other. */
  readonly modelType: number;
  readonly modelPlatform: string;
  readonly loggingConfig?: LoggingConfigMessage;
  readonly modelVersionPolicy?: ServableVersionPolicy;
  readonly versionLabels: ReadonlyMap<string, bigint>;
}

/** At most one member is set. */
export interface ServableVersionPolicy {
  readonly latest?: { readonly numVersions: number };
  readonly all?: Record<never, never>;
  readonly specific?: { readonly versions: readonly bigint[] };
}

/** How requests are to be logged. */
export interface LoggingConfigMessage {
  readonly logCollectorConfig?: { readonly type: string; readonly filenamePrefix: string };
  readonly samplingConfig?: {
    readonly samplingRate: number;
    readonly attributes: number;
    readonly perTaskSamplingConfigs: readonly {
      readonly dc: string;
      readonly taskIndex?: number;
      readonly samplingRate: number;
    }[];
  };
  readonly customLoggingConfig?: AnyMessage;
}

/** A message of another kind, encoded. */
export interface AnyMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/**
 * Parses a ModelServerConfigMessage in protobuf text format. An empty text is an empty configuration.
 *
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` "Invalid protobuf file: 'FILE'" with the reason, for a text that doesn't parse
 * or has an unknown field.
 */
export function parseModelServerConfig(text: string, file: string): ModelServerConfigMessage {
  return toModelServerConfig(parseConfigText('tensorflow.serving.ModelServerConfig', text, file));
}

/** From the message, which requests to reload have too. */
export function toModelServerConfig(
  message: Messages['tensorflow.serving.ModelServerConfig'],
): ModelServerConfigMessage {
  const { modelConfigList, customModelConfig } = message;
  return {
    ...(modelConfigList && { modelConfigList: { config: (modelConfigList.config ?? []).map(toModelConfigEntry) } }),
    ...(customModelConfig && { customModelConfig: toAnyMessage(customModelConfig) }),
  };
}

function toModelConfigEntry(message: Messages['tensorflow.serving.ModelConfig']): ModelConfigEntry {
  const { loggingConfig, modelVersionPolicy } = message;
  return {
    name: message.name ?? '',
    basePath: message.basePath ?? '',
    modelType: message.modelType ?? 0,
    modelPlatform: message.modelPlatform ?? '',
    ...(loggingConfig && { loggingConfig: toLoggingConfig(loggingConfig) }),
    ...(modelVersionPolicy && { modelVersionPolicy: toServableVersionPolicy(modelVersionPolicy) }),
    versionLabels: new Map((message.versionLabels ?? []).map(({ key = '', value = 0n }) => [key, value])),
  };
}

function toServableVersionPolicy(
  message: Messages['tensorflow.serving.FileSystemStoragePathSourceConfig.ServableVersionPolicy'],
): ServableVersionPolicy {
  const { latest, all, specific } = message;
  return {
    ...(latest && { latest: { numVersions: latest.numVersions ?? 0 } }),
    ...(all && { all: {} }),
    ...(specific && { specific: { versions: specific.versions ?? [] } }),
  };
}

function toLoggingConfig(message: Messages['tensorflow.serving.LoggingConfig']): LoggingConfigMessage {
  const { logCollectorConfig, samplingConfig, customLoggingConfig } = message;
  return {
    ...(logCollectorConfig && {
      logCollectorConfig: {
        type: logCollectorConfig.type ?? '',
        filenamePrefix: logCollectorConfig.filenamePrefix ?? '',
      },
    }),
    ...(samplingConfig && {
      samplingConfig: {
        samplingRate: samplingConfig.samplingRate ?? 0,
        attributes: samplingConfig.attributes ?? 0,
        perTaskSamplingConfigs: (samplingConfig.perTaskSamplingConfigs ?? []).map(
          ({ dc = '', taskIndex, samplingRate = 0 }) => ({
            dc,
            ...(taskIndex !== undefined && { taskIndex }),
            samplingRate,
          }),
        ),
      },
    }),
    ...(customLoggingConfig && { customLoggingConfig: toAnyMessage(customLoggingConfig) }),
  };
}

function toAnyMessage(message: Messages['google.protobuf.Any']): AnyMessage {
  return { typeUrl: message.type_url ?? '', value: message.value ?? new Uint8Array(0) };
}
