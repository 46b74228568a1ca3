/** The bare words of JSON: true, false, null, NaN, Inf, Infinity. */
import { jsonParseError } from './json-parse-error.js';

/**
 * Where a word that must stand at `start` ends.
 *
 * @throws ServingError `INVALID_ARGUMENT` at the first byte that differs.
 */
export function matchWord(text: Uint8Array, start: number, word: string): number {
  for (let i = 0; i < word.length; i++) {
    if (text[start + i] !== word.charCodeAt(i)) {
      throw jsonParseError('Invalid value.', Math.min(start + i, text.length));
    }
  }
  return start + word.length;
}
