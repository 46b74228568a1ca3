/** Characters in bytes: UTF-8, UTF-16 and UTF-32 with the high byte first. */
import { ServingError } from '@serving/core/portable';

/** Called for each character; `undefined` for a sequence that is not one. `at` is where its bytes begin. */
type CharacterVisitor = (code: number | undefined, at: number) => void;

/** Reads and writes the characters of an encoding. */
export interface TextEncoding {
  decode(bytes: Uint8Array, visit: CharacterVisitor): void;
  encode(codes: readonly number[]): Uint8Array;
}

const encoder = new TextEncoder();

const utf8: TextEncoding = {
  decode: (bytes, visit) => {
    let at = 0;
    while (at < bytes.length) {
      const first = bytes[at]!;
      if (first < 0x80) {
        visit(first, at++);
        continue;
      }
      const length = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      let end = at + 1;
      let code = first & (0x7f >> length);
      while (end < at + length && isContinuation(bytes, at, end)) code = (code << 6) | (bytes[end++]! & 0x3f);
      visit(length > 1 && end === at + length ? code : undefined, at);
      at = end;
    }
  },
  encode: (codes) => encoder.encode(codes.map((code) => String.fromCodePoint(code)).join('')),
};

/** Whether the byte at `end` continues the character at `at`: overlong forms, surrogates and too large numbers show in the second. */
function isContinuation(bytes: Uint8Array, at: number, end: number): boolean {
  const byte = bytes[end];
  if (byte === undefined || (byte & 0xc0) !== 0x80) return false;
  if (end > at + 1) return true;
  const first = bytes[at]!;
  if (first === 0xe0) return byte >= 0xa0;
  if (first === 0xed) return byte <= 0x9f;
  if (first === 0xf0) return byte >= 0x90;
  return first !== 0xf4 || byte <= 0x8f;
}

const isHigh = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

const utf16: TextEncoding = {
  decode: (bytes, visit) => {
    const unitAt = (at: number) => (at + 1 < bytes.length ? (bytes[at]! << 8) | bytes[at + 1]! : -1);
    for (let at = 0; at < bytes.length; at += 2) {
      const unit = unitAt(at);
      const next = unitAt(at + 2);
      if (isHigh(unit) && isLow(next)) {
        visit(0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00), at);
        at += 2;
      } else visit(unit < 0 || isHigh(unit) || isLow(unit) ? undefined : unit, at);
    }
  },
  encode: (codes) => {
    const text = codes.map((code) => String.fromCodePoint(code)).join('');
    const view = new DataView(new ArrayBuffer(2 * text.length));
    for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at));
    return new Uint8Array(view.buffer);
  },
};

const utf32: TextEncoding = {
  decode: (bytes, visit) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 4) {
      const code = at + 4 <= bytes.length ? view.getUint32(at) : 0x110000;
      visit(isCharacter(code) ? code : undefined, at);
    }
  },
  encode: (codes) => {
    const view = new DataView(new ArrayBuffer(4 * codes.length));
    for (const [i, code] of codes.entries()) view.setUint32(4 * i, code);
    return new Uint8Array(view.buffer);
  },
};

/** Whether a number is that of a character. */
export function isCharacter(code: number): boolean {
  return code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}

/** @throws ServingError `UNIMPLEMENTED` for another encoding. */
export function textEncoding(name: string): TextEncoding {
  const found = { 'UTF-8': utf8, UTF8: utf8, 'UTF-16-BE': utf16, 'UTF-32-BE': utf32 }[name.toUpperCase()];
  if (found !== undefined) return found;
  throw new ServingError('UNIMPLEMENTED', `encoding "${name}" is not supported; UTF-8, UTF-16-BE and UTF-32-BE are`);
}
