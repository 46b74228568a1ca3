/** `tensorflow_serving/apis/model_management.proto`: the request. */

import { type ModelServerConfigMessage, toModelServerConfig } from '../text/model-server-config.js';
import { decodeMessage } from './message.js';

/** A ReloadConfigRequest: the new configuration, and the metrics that the answer must include. */
export interface ReloadConfigRequestMessage {
  /** Without a member when the message has no config, or one of no kind. */
  readonly config: ModelServerConfigMessage;
  readonly metricNames: readonly string[];
}

/** @throws Error, with protobufjs's reason, for bytes that are not a ReloadConfigRequest. */
export function decodeReloadConfigRequest(bytes: Uint8Array): ReloadConfigRequestMessage {
  const { config, metricNames = [] } = decodeMessage('tensorflow.serving.ReloadConfigRequest', bytes);
  return { config: toModelServerConfig(config ?? {}), metricNames };
}
