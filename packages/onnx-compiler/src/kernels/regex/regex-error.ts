/** Why a pattern is not a regular expression of RE2. */

/** Has RE2's text as its message. */
export class RegexSyntaxError extends Error {
  override readonly name: string = 'RegexSyntaxError';
}
