/** Reads a configuration file's text, with the reference's error for one that doesn't parse. */
import { ServingError } from '@serving/core';
import type { Messages } from '../gen/messages.js';
import { parseMessageText } from '../message.js';

/**
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` "Invalid protobuf file: 'FILE'" with the reason in parentheses.
 */
export function parseConfigText<Name extends keyof Messages>(name: Name, text: string, file: string): Messages[Name] {
  try {
    return parseMessageText(name, text);
  } catch (cause) {
    const { message } = ServingError.from(cause);
    throw new ServingError('INVALID_ARGUMENT', `Invalid protobuf file: '${file}' (${message})`, { cause });
  }
}
