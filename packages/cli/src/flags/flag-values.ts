/** What flags' values mean, and the error for those that mean nothing. */
import { ServingError } from '@serving/core';

/** The items between commas; empty ones are none. */
export function commaList(text: string): string[] {
  return text.split(',').filter((item) => item !== '');
}

export function invalid(message: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', message);
}
