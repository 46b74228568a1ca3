/** JSON strings as bytes, their escapes taken away. */

/** A name as TensorFlow Serving reads it, as a C string. */
export function cutAtNul(name: string): string {
  const nul = name.indexOf('\0');
  return nul < 0 ? name : name.slice(0, nul);
}

/**
 * Writes what `text[start … end)`, the well-formed inside of a JSON string, stands for into `target` from `at`, and
 * returns where it ended. A string never grows by this. A low surrogate alone becomes its three-byte form.
 */
export function unescapeInto(text: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let to = at;
  for (let from = start; from < end; from++) {
    const byte = text[from]!;
    if (byte !== BACKSLASH) {
      target[to++] = byte;
      continue;
    }
    from++;
    const letter = text[from]!;
    if (letter !== LETTER_U) {
      target[to++] = unescaped(letter);
      continue;
    }
    let code = hex4(text, from + 1);
    from += 4;
    if (code >= 0xd800 && code <= 0xdbff) {
      code = 0x10000 + ((code - 0xd800) << 10) + (hex4(text, from + 3) - 0xdc00);
      from += 6;
    }
    to = writeUtf8(code, target, to);
  }
  return to;
}

/** What {@link escapeEnd} returns in place of a position for an escape that is none. */
const UNKNOWN_ESCAPE = -1;
export const BAD_HEX = -2;
export const BAD_SURROGATES = -3;

/** Where the escape whose backslash is at `at` ends (of a surrogate pair, both halves), or one of the codes above. */
export function escapeEnd(text: Uint8Array, at: number): number {
  const letter = at + 1 < text.length ? text[at + 1]! : 0;
  if (letter !== LETTER_U) return unescaped(letter) < 0 ? UNKNOWN_ESCAPE : at + 2;
  const code = hex4(text, at + 2);
  if (code < 0) return BAD_HEX;
  if (code < 0xd800 || code > 0xdbff) return at + 6;
  if (text[at + 6] !== BACKSLASH || text[at + 7] !== LETTER_U) return BAD_SURROGATES;
  const low = hex4(text, at + 8);
  if (low < 0) return BAD_HEX;
  return low < 0xdc00 || low > 0xdfff ? BAD_SURROGATES : at + 12;
}

/** The byte that `\` with this letter stands for; −1 for an escape that JSON does not have (`u` too). */
function unescaped(letter: number): number {
  switch (letter) {
    case 0x22:
    case 0x2f:
    case BACKSLASH:
      return letter;
    case 0x62:
      return 8;
    case 0x66:
      return 12;
    case 0x6e:
      return 10;
    case 0x72:
      return 13;
    case 0x74:
      return 9;
    default:
      return -1;
  }
}

/** The value of four hex digits at `at`; −1 when one of them isn't. */
function hex4(text: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 4; i++) {
    const byte = i < text.length ? text[i]! : 0;
    const lower = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) value = value * 16 + byte - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) value = value * 16 + lower - 0x57;
    else return -1;
  }
  return value;
}

const LETTER_U = 0x75;

function writeUtf8(code: number, target: Uint8Array, at: number): number {
  let to = at;
  if (code < 0x80) {
    target[to++] = code;
    return to;
  }
  if (code < 0x800) {
    target[to++] = 0xc0 | (code >> 6);
  } else {
    if (code < 0x10000) {
      target[to++] = 0xe0 | (code >> 12);
    } else {
      target[to++] = 0xf0 | (code >> 18);
      target[to++] = 0x80 | ((code >> 12) & 0x3f);
    }
    target[to++] = 0x80 | ((code >> 6) & 0x3f);
  }
  target[to++] = 0x80 | (code & 0x3f);
  return to;
}

const BACKSLASH = 0x5c;
