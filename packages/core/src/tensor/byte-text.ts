/** Text that came as bytes, kept so that the same bytes can go out again. */

/**
 * UTF-8 to text, a byte-order mark kept. A byte that is no UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF for 0x80 to
 * 0xFF (Python calls that `surrogateescape`), so that names and error messages lose nothing on their way through strings.
 */
export function textFromBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return escapedText(bytes);
  }
}

/** The bytes that {@link textFromBytes} made this text of; of any other text its UTF-8. */
export function bytesFromText(text: string): Uint8Array {
  if (!escapedByte.test(text)) return encoder.encode(text);
  const bytes = new Uint8Array(3 * text.length);
  let to = 0;
  let plain = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= FIRST_ESCAPE && code <= LAST_ESCAPE) {
      to += encoder.encodeInto(text.slice(plain, at), bytes.subarray(to)).written;
      bytes[to++] = code - ESCAPE;
      plain = at + 1;
    } else if (code >= 0xd800 && code <= 0xdbff) {
      at++;
    }
  }
  to += encoder.encodeInto(text.slice(plain), bytes.subarray(to)).written;
  return bytes.subarray(0, to);
}

const encoder = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Of a pair's halves neither: the expression reads whole code points. */
const escapedByte = /[\uDC80-\uDCFF]/u;
const ESCAPE = 0xdc00;
const FIRST_ESCAPE = 0xdc80;
const LAST_ESCAPE = 0xdcff;

function escapedText(bytes: Uint8Array): string {
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const first = bytes[at]!;
    const length = characterLength(bytes, at);
    if (length === 0) {
      text += String.fromCharCode(ESCAPE + first);
      at++;
      continue;
    }
    let code = length === 1 ? first : first & (0x7f >> length);
    for (let i = 1; i < length; i++) code = (code << 6) | (bytes[at + i]! & 0x3f);
    at += length;
    text += String.fromCodePoint(code);
  }
  return text;
}

/** Bytes of the UTF-8 character at a position; 0 when none stands there. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  // Overlong forms, surrogates and what is beyond Unicode show in the second byte.
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const second = bytes[at + 1] ?? 0;
  if (second < lowest || second > highest) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
