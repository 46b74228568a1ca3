/** Errors as one line of text. */
import { printableLine } from '../printable-text.js';
import { ServingError } from '../serving-error.js';

const MAX_CAUSES = 5;

/**
 * The message of an error with those of its causes behind it, joined by ": ", and the hint in parentheses. A cause is left out whose
 * message the text has already, or the path of whose file. Line breaks and control characters are escaped.
 */
export function errorText(error: unknown): string {
  const hint = error instanceof ServingError && error.hint !== undefined ? ` (${error.hint})` : '';
  return printableLine(`${messagesOf(error)}${hint}`);
}

function messagesOf(error: unknown): string {
  let text = messageOf(error);
  let cause = causeOf(error);
  for (let depth = 0; cause !== undefined && depth < MAX_CAUSES; depth++) {
    const message = messageOf(cause);
    if (!text.includes(message) && !namesPathOf(text, cause)) text += `: ${message}`;
    cause = causeOf(cause);
  }
  return text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Errors of the file system repeat the path and the text. */
function namesPathOf(text: string, cause: unknown): boolean {
  const path = cause instanceof Error && 'path' in cause ? cause.path : undefined;
  return typeof path === 'string' && text.includes(path);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
