/** Bodies of requests in a file. */
import { ServingError } from '@serving/core';

/**
 * Returns the bodies of a text: one, or those of a list.
 *
 * @param file its name, for errors
 * @throws ServingError `INVALID_ARGUMENT` for a text that is not JSON, and for an empty list.
 */
export function readBodies(text: string, file: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw ServingError.invalidArgument(`${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
  // A body stays as it is written, with all digits of its numbers.
  if (!Array.isArray(value)) return [text];
  if (value.length === 0) throw ServingError.invalidArgument(`${file} has no bodies`);
  return value.map((body) => JSON.stringify(body));
}
