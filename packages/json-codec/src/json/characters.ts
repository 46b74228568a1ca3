/**
 * Bytes that mean something in JSON text. Readers and writers of tensors declare their own: V8 reads an imported binding again every time, which costs a
 * fifth of the time of strings.
 */
export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
export const CLOSE_BRACE = 0x7d;
export const BACKSLASH = 0x5c;
export const MINUS = 0x2d;
export const POINT = 0x2e;
export const ZERO = 0x30;
export const UNDERSCORE = 0x5f;
