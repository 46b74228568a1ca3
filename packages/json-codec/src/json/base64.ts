/** Base64 as TensorFlow Serving reads and writes it. */

/**
 * Decodes `text` into `target` from `at` and returns where it ended, −1 when it is no base64: standard alphabet, ASCII
 * white space anywhere, padding (`=` or `.`) complete or absent, surplus bits ignored. Needs room for ¾ of the text.
 */
export function decodeBase64Into(text: Uint8Array, target: Uint8Array, at: number): number {
  return decode(text, target, at, BASE64_KINDS);
}

/**
 * As {@link decodeBase64Into}, for the inside of a JSON string as it stands there: −1, too, for line breaks and tabs, which JSON
 * wants to be escaped, and for all escapes.
 */
export function decodeRawBase64Into(text: Uint8Array, target: Uint8Array, at: number): number {
  return decode(text, target, at, RAW_DIGITS);
}

function decode(text: Uint8Array, target: Uint8Array, at: number, table: Uint8Array): number {
  const end = text.length < LONG ? -1 : decodeByPlatform(text, target, at);
  return end < 0 ? decodeByRule(text, target, at, table) : end;
}

/** Writes padded standard base64 of `bytes[start … end)` into `target` from `at`; where it ended. */
export function encodeBase64Into(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): number {
  if (end - start >= LONG)
    return at + asBuffer(target).write(asBuffer(bytes).toString('base64', start, end), at, 'latin1');
  let to = at;
  let i = start;
  for (; i + 2 < end; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    target[to++] = ALPHABET[bits >> 18]!;
    target[to++] = ALPHABET[(bits >> 12) & 63]!;
    target[to++] = ALPHABET[(bits >> 6) & 63]!;
    target[to++] = ALPHABET[bits & 63]!;
  }
  if (i < end) {
    const two = i + 1 < end;
    const bits = (bytes[i]! << 16) | (two ? bytes[i + 1]! << 8 : 0);
    target[to++] = ALPHABET[bits >> 18]!;
    target[to++] = ALPHABET[(bits >> 12) & 63]!;
    target[to++] = two ? ALPHABET[(bits >> 6) & 63]! : PADDING;
    target[to++] = PADDING;
  }
  return to;
}

/** From this many bytes on, the platform's base64 is faster, the string that it takes or gives included. */
const LONG = 64;

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Decodes canonical text: digits of the standard alphabet and complete padding or none; −1 for any other, of which
 * `target` may then hold anything from `at` on. The platform's decoder also takes `-` and `_`, which are looked for, and
 * skips other bytes, for which its result is too short.
 */
function decodeByPlatform(text: Uint8Array, target: Uint8Array, at: number): number {
  const source = asBuffer(text);
  const padded = text.length % 4 === 0;
  let digits = text.length;
  while (padded && text.length - digits < 2 && text[digits - 1] === PADDING) digits--;
  if (digits % 4 === 1 || source.indexOf(MINUS) >= 0 || source.indexOf(UNDERSCORE) >= 0) return -1;
  const size = Math.floor((digits * 3) / 4);
  const written = asBuffer(target).write(source.toString('latin1', 0, digits), at, 'base64');
  return written === size ? at + size : -1;
}

function decodeByRule(text: Uint8Array, target: Uint8Array, at: number, table: Uint8Array): number {
  let to = at;
  let bits = 0;
  let digits = 0;
  let i = 0;
  for (; i < text.length; i++) {
    const digit = table[text[i]!]!;
    if (digit < 64) {
      bits = (bits << 6) | digit;
      if (++digits === 4) {
        target[to++] = bits >> 16;
        target[to++] = bits >> 8;
        target[to++] = bits;
        digits = 0;
        bits = 0;
      }
    } else if (digit !== SPACE) {
      break;
    }
  }
  if (digits === 1) return -1;
  if (!paddingFits(text, i, digits, table)) return -1;
  if (digits === 2) {
    target[to++] = bits >> 4;
  } else if (digits === 3) {
    target[to++] = bits >> 10;
    target[to++] = bits >> 2;
  }
  return to;
}

const PADDING = 0x3d;
/** What a byte is instead of a digit: white space, padding, or above that anything else. */
export const SPACE = 64;
export const PAD = 65;
const OTHER = 66;

const ALPHABET: Uint8Array = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');

/** Byte to digit, or what else the byte is. */
export const BASE64_KINDS: Uint8Array = new Uint8Array(256).fill(OTHER);
for (const [value, byte] of ALPHABET.entries()) BASE64_KINDS[byte] = value;
for (const byte of [0x20, 0x09, 0x0a, 0x0b, 0x0c, 0x0d]) BASE64_KINDS[byte] = SPACE;
for (const byte of [PADDING, 0x2e]) BASE64_KINDS[byte] = PAD;

const RAW_DIGITS: Uint8Array = BASE64_KINDS.slice().fill(OTHER, 0, 0x20);

/** Whether what follows the digits is white space and, all or none, the padding that the last group asks for. */
function paddingFits(text: Uint8Array, from: number, digits: number, table: Uint8Array): boolean {
  let pads = 0;
  for (let i = from; i < text.length; i++) {
    const kind = table[text[i]!]!;
    if (kind === PAD) pads++;
    else if (kind !== SPACE) return false;
  }
  return pads === 0 || (digits !== 0 && pads === 4 - digits);
}

const MINUS = 0x2d;
const UNDERSCORE = 0x5f;
