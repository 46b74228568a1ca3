/** Errors for log lines. */

import { printableLine } from '../printable-text.js';
import { ServingError } from '../serving-error.js';

/**
 * The error itself where its message and those of its causes are on one line, else a copy with escaped messages: they hold
 * names that clients sent. A copy has the same code, name and frames.
 */
export function printableError(error: Error): Error {
  const message = printableLine(error.message);
  const cause = error.cause instanceof Error ? printableError(error.cause) : error.cause;
  if (message === error.message && cause === error.cause) return error;
  const copy =
    error instanceof ServingError
      ? new ServingError(error.code, message, { cause, clientMessage: error.clientMessage, hint: error.hint })
      : Object.assign(new Error(message, { cause }), { name: error.name });
  if (error.stack !== undefined) copy.stack = error.stack.replace(error.message, () => message);
  return copy;
}
