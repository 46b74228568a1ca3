/** The file of `--platform_config_file`: PlatformConfigMap in protobuf text format. */
import { ServingError } from '@serving/core';
import type { BatchingOptions } from '@serving/core/batching';
import type { Messages } from '../gen/messages.js';
import { decodeMessage } from '../messages/message.js';
import { toBatchingOptions } from './batching-parameters.js';
import { parseConfigText } from './config-text.js';
import { type SessionConfig, toSessionConfig } from './session-config.js';

/** How a platform of SavedModels loads them (SessionBundleConfig). */
export interface SessionBundleConfig {
  /** `serve` when the file has none. */
  readonly savedModelTags: readonly string[];
  readonly session: SessionConfig;
  /** Absent: no batching. */
  readonly batching?: BatchingOptions;
  /** Absent: no warm-up, the default of the file. */
  readonly warmup?: { readonly numRequestIterations: number; readonly numModelWarmupThreads: number };
}

/**
 * Parses a PlatformConfigMap in protobuf text format: configurations of SavedModels by the platform's name.
 *
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` "Invalid protobuf file: 'FILE'" with the reason, for a text that doesn't parse
 * or has an unknown field, and for a platform whose source adapter is another than SavedModelBundleSourceAdapter.
 */
export function parsePlatformConfigMap(text: string, file: string): ReadonlyMap<string, SessionBundleConfig> {
  const { platformConfigs = [] } = parseConfigText('tensorflow.serving.PlatformConfigMap', text, file);
  return new Map(
    platformConfigs.map(({ key = '', value }) => {
      const { type_url: typeUrl = '', value: bytes = new Uint8Array(0) } = value?.sourceAdapterConfig ?? {};
      if (typeUrl.slice(typeUrl.lastIndexOf('/') + 1) !== SOURCE_ADAPTER_CONFIG) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Invalid protobuf file: '${file}' (platform ${key}: expected a source_adapter_config of ${SOURCE_ADAPTER_CONFIG}, got ${typeUrl || 'none'})`,
        );
      }
      return [key, toSessionBundleConfig(decodeMessage(SOURCE_ADAPTER_CONFIG, bytes).legacyConfig ?? {})];
    }),
  );
}

const SOURCE_ADAPTER_CONFIG = 'tensorflow.serving.SavedModelBundleSourceAdapterConfig';

function toSessionBundleConfig(message: Messages['tensorflow.serving.SessionBundleConfig']): SessionBundleConfig {
  const { savedModelTags = [], sessionConfig = {}, batchingParameters, modelWarmupOptions } = message;
  return {
    savedModelTags: savedModelTags.length > 0 ? savedModelTags : ['serve'],
    session: toSessionConfig(sessionConfig),
    ...(batchingParameters && { batching: toBatchingOptions(batchingParameters) }),
    ...(message.enableModelWarmup && {
      warmup: {
        numRequestIterations: modelWarmupOptions?.numRequestIterations?.value ?? 1,
        numModelWarmupThreads: modelWarmupOptions?.numModelWarmupThreads?.value ?? 1,
      },
    }),
  };
}
