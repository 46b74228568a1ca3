/** A session's options as TensorFlow's `TF_SessionOptions`. */
import type { SessionOptions } from '@serving/engine';
import type { Address } from '@serving/engine/native';
import type { TensorFlowApi } from '../native/c-api.js';
import { throwIfFailed } from '../native/native-status.js';
import { encodeConfigProto } from './config-proto.js';

/**
 * The caller deletes what this returns.
 *
 * @param status overwritten
 * @throws ServingError `INVALID_ARGUMENT` when TensorFlow can't parse the ConfigProto.
 */
export function newSessionOptions(api: TensorFlowApi, options: SessionOptions, status: Address): Address {
  const native = api.newSessionOptions();
  try {
    const config = encodeConfigProto(options);
    api.setConfig(native, config, config.length, status);
    throwIfFailed(api, status);
    return native;
  } catch (error) {
    api.deleteSessionOptions(native);
    throw error;
  }
}
