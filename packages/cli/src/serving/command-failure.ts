/** The line with which a command of `serving` fails. */
import { ServingError } from '@serving/core';
import { printableLine } from '@serving/core/extend';
import { commandWords, inWordsOf } from '../flags/hint-words.js';

/** `serving types: NOT_FOUND: …`, with the fix in parentheses where one is known. Lines of the message stay lines. */
export function commandFailure(command: string, error: unknown): string {
  const { code, message, hint } = ServingError.from(error);
  const fix = hint && inWordsOf(commandWords, hint);
  const text = message.split('\n').map(printableLine).join('\n');
  return `serving ${command}: ${code}: ${text}${fix === undefined ? '' : ` (${printableLine(fix)})`}\n`;
}
