/** The file of `--tensorflow_session_config_file`: ConfigProto in protobuf text format. */
import type { Messages } from '../gen/messages.js';
import { parseConfigText } from './config-text.js';

/** What is read of a ConfigProto; 0 leaves the number to TensorFlow. */
export interface SessionConfig {
  readonly intraOpParallelismThreads: number;
  readonly interOpParallelismThreads: number;
}

/**
 * Parses a ConfigProto in protobuf text format. Its other fields are skipped.
 *
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` "Invalid protobuf file: 'FILE'" with the reason, for a text that doesn't parse
 * or has a field that ConfigProto has not.
 */
export function parseSessionConfig(text: string, file: string): SessionConfig {
  return toSessionConfig(parseConfigText('tensorflow.ConfigProto', text, file));
}

/** From the message, which platform configurations have too. */
export function toSessionConfig({
  intraOpParallelismThreads = 0,
  interOpParallelismThreads = 0,
}: Messages['tensorflow.ConfigProto']): SessionConfig {
  return { intraOpParallelismThreads, interOpParallelismThreads };
}
