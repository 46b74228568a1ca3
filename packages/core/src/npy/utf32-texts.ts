/** NumPy's text, in which each character takes four bytes, as UTF-8. */
import { StringArray } from '../tensor/index.js';
import { npyError } from './npy-error.js';

/** Characters that are read before the event loop may turn. */
const SLICE_CHARACTERS = 64 * 1024;

/**
 * Texts of `width` characters each, without the zeros at their ends, as UTF-8, which takes no more bytes than UTF-32. Halves of
 * a surrogate pair that stand side by side are one character; a lone one is U+FFFD. Yields after each slice.
 *
 * @param words little-endian, from an address that is a multiple of four
 * @throws ServingError `INVALID_ARGUMENT` for a number beyond Unicode
 */
export function* textsOf(
  words: Uint8Array,
  count: number,
  width: number,
  source: string,
): Generator<void, StringArray> {
  const characters = new Uint32Array(words.buffer, words.byteOffset, count * width);
  const writer = new Utf8Writer(characters, source);
  const offsets = new Uint32Array(count + 1);
  let left = SLICE_CHARACTERS;
  for (let i = 0; i < count; i++) {
    const start = i * width;
    let end = start + width;
    while (end > start && characters[end - 1] === 0) {
      end--;
      if (--left > 0) continue;
      yield;
      left = SLICE_CHARACTERS;
    }
    for (let from = start; from < end; ) {
      const next = writer.write(from, Math.min(end, from + left), end);
      left -= next - from;
      from = next;
      if (left > 0) continue;
      yield;
      left = SLICE_CHARACTERS;
    }
    offsets[i + 1] = writer.length;
    left--;
  }
  return new StringArray(writer.bytes.subarray(0, writer.length), offsets);
}

class Utf8Writer {
  readonly bytes: Uint8Array;
  /** Bytes that are written. */
  length = 0;
  readonly #characters: Uint32Array;
  readonly #source: string;

  constructor(characters: Uint32Array, source: string) {
    this.#characters = characters;
    this.#source = source;
    this.bytes = new Uint8Array(characters.byteLength);
  }

  /** Writes the characters up to `to`, or one more where it is half of one; the position of the next. */
  write(from: number, to: number, end: number): number {
    const { bytes } = this;
    const characters = this.#characters;
    let length = this.length;
    let at = from;
    while (at < to) {
      let code = characters[at++]!;
      if (code < 0x80) {
        bytes[length++] = code;
        continue;
      }
      if (code >= 0xd800 && code < 0xe000) {
        const next = at < end ? characters[at]! : 0;
        const isPair = code < 0xdc00 && next >= 0xdc00 && next < 0xe000;
        code = isPair ? 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00) : 0xfffd;
        if (isPair) at++;
      }
      if (code < 0x800) {
        bytes[length++] = 0xc0 | (code >> 6);
      } else {
        if (code > MAX_CODE_POINT) {
          throw npyError(this.#source, `holds text with the number ${code}, which is not a character`);
        }
        if (code < 0x10000) {
          bytes[length++] = 0xe0 | (code >> 12);
        } else {
          bytes[length++] = 0xf0 | (code >> 18);
          bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
        }
        bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
      }
      bytes[length++] = 0x80 | (code & 0x3f);
    }
    this.length = length;
    return at;
  }
}

const MAX_CODE_POINT = 0x10ffff;
