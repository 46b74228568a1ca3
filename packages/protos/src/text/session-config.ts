/** The file of `--tensorflow_session_config_file`: ConfigProto in protobuf text format. */
import type { Messages } from '../gen/messages.js';
import { encodeMessage } from '../messages/message.js';
import { parseConfigText } from './config-text.js';

/** A ConfigProto: what is read of it, and the message as it is. A number of 0 leaves the choice to TensorFlow. */
export interface SessionConfig {
  readonly intraOpThreads: number;
  readonly interOpThreads: number;
  /** The serialized message, for TensorFlow. Absent: none was given. */
  readonly configProto?: Uint8Array;
}

/**
 * Parses a ConfigProto in protobuf text format. Values of a custom graph optimizer's `parameter_map` are not kept.
 *
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` "Invalid protobuf file: 'FILE'" with the reason, for a text that doesn't parse
 * or has a field that ConfigProto has not.
 */
export function parseSessionConfig(text: string, file: string): SessionConfig {
  return toSessionConfig(parseConfigText('tensorflow.ConfigProto', text, file));
}

/** From the message, which platform configurations have too. */
export function toSessionConfig(message: Messages['tensorflow.ConfigProto']): SessionConfig {
  const { intraOpParallelismThreads: intraOpThreads = 0, interOpParallelismThreads: interOpThreads = 0 } = message;
  const configProto = encodeMessage('tensorflow.ConfigProto', message);
  return { intraOpThreads, interOpThreads, ...(configProto.length > 0 && { configProto }) };
}
