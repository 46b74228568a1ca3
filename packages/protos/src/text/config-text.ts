/** Reads a configuration file's text, with TensorFlow Serving's error for one that doesn't parse. */
import { ServingError } from '@serving/core';
import { nameHint } from '@serving/core/portable';
import type { Messages } from '../gen/messages.js';
import { fieldNamesOf, parseMessageText } from '../messages/message.js';
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
    throw new ServingError('INVALID_ARGUMENT', `Invalid protobuf file: '${file}' (${message})`, {
      cause,
      hint: text.trimStart().startsWith('{') ? JSON_HINT : unknownFieldHint(message),
    });
  }
}

const JSON_HINT =
  'The file must be in protobuf text format, not JSON, such as ' +
  'model_config_list { config { name: "digits" base_path: "/models/digits" model_platform: "tensorflow" } }';

/** What the fields of a message are, for an error of the parser about one that it does not have. */
function unknownFieldHint(message: string): string | undefined {
  const [, type = '', field = ''] = /^\.(\S+): unknown field '([^']*)'/.exec(message) ?? [];
  return type === '' ? undefined : nameHint(field, fieldNamesOf(type), 'Fields');
}
