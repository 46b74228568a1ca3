/** Reads a configuration file's text, with the reference's error for one that doesn't parse. */
import { ServingError } from '@serving/core';
import type { Messages } from '../gen/messages.js';
import { parseMessageText } from '../messages/message.js';
import { textFormatError } from './text-format-error.js';

/**
 * @param file named in the error.
 * @throws ServingError `INVALID_ARGUMENT` "Invalid protobuf file: 'FILE'" with the reason in parentheses, its `cause` a `TextFormatError`.
 */
export function parseConfigText<Name extends keyof Messages>(name: Name, text: string, file: string): Messages[Name] {
  try {
    return parseMessageText(name, text);
  } catch (reason) {
    const { message } = ServingError.from(reason);
    const cause = textFormatError(name, text, (part) => parseMessageText(name, part));
    throw new ServingError('INVALID_ARGUMENT', `Invalid protobuf file: '${file}' (${message})`, { cause });
  }
}
