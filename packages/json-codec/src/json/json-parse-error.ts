/** The one form of a JSON syntax error. */
import { ServingError } from '@serving/core';

/** "JSON Parse error: REASON at offset: N"; N counts the body's bytes from 0. */
export function jsonParseError(reason: string, offset: number): ServingError {
  return new ServingError('INVALID_ARGUMENT', `JSON Parse error: ${reason} at offset: ${offset}`);
}
