/** A place in the text of a usual body, and what is read there; how its readers return positions, and that there is none. */
import type { TensorSpec } from '@serving/core/extend';

/** Returned in place of a position when something unusual stands there. */
export const GIVE_UP = -1;

/** Returned in place of a position when the slice is used up; `resume` continues from there. */
export const PAUSED = -2;

/** JSON's white space; a byte past the end is none. */
function isSpace(byte: number): boolean {
  return byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

/** More white space in one place is unusual: the exact reader can pause in it. */
const MOST_SPACE = 64 * 1024;

/** Where white space ends, or is more than what is usual. */
export function skipUsualSpace(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text[at]!)) if (++at - from > MOST_SPACE) break;
  return at;
}

/** Throws no errors: a method takes what it finds, or nothing. */
export class TextCursor {
  readonly text: Buffer;
  at = 0;

  constructor(text: Buffer) {
    this.text = text;
  }

  /** Skips white space, as much of it as is usual; where it ends. */
  skipSpace(): number {
    const at = skipUsualSpace(this.text, this.at);
    this.at = at;
    return at;
  }

  /** Takes a byte, and white space before it, if it comes next. */
  take(byte: number): boolean {
    if (this.text[this.skipSpace()] !== byte) return false;
    this.at++;
    return true;
  }

  /** The position of what follows a byte that must come next, which is not taken; −1 when another byte does. */
  peekAfter(byte: number): number {
    const start = this.skipSpace();
    if (this.text[start] !== byte) return GIVE_UP;
    this.at = start + 1;
    const at = this.skipSpace();
    this.at = start;
    return at;
  }

  /** Takes a member's name, whose opening mark is taken, with the colon after it, if it is this (ASCII) one. */
  takeName(name: string): boolean {
    const { text, at: start } = this;
    const end = start + name.length;
    if (text[end] !== QUOTE) return false;
    for (let i = 0; i < name.length; i++) {
      const code = name.charCodeAt(i);
      if (text[start + i] !== code || code > 0x7f || code < 0x20 || code === BACKSLASH || code === QUOTE) return false;
    }
    this.at = end + 1;
    if (this.take(COLON)) return true;
    this.at = start;
    return false;
  }

  /** Takes the name of an input, tried first where it stands in the signature; −1 for any other name. */
  takeInputName(inputs: readonly TensorSpec[], likely: number): number {
    if (!this.take(QUOTE)) return GIVE_UP;
    for (let i = 0; i < inputs.length; i++) {
      const index = (likely + i) % inputs.length;
      if (this.takeName(inputs[index]!.name)) return index;
    }
    return GIVE_UP;
  }

  /** Takes a string of plain ASCII of at most so many bytes. */
  takeShortString(longest: number): string | undefined {
    if (!this.take(QUOTE)) return undefined;
    const { text, at: start } = this;
    let at = start;
    for (; text[at] !== QUOTE; at++) {
      const byte = text[at];
      if (byte === undefined || byte < 0x20 || byte > 0x7e || byte === BACKSLASH || at - start > longest) {
        return undefined;
      }
    }
    this.at = at + 1;
    return text.toString('latin1', start, at);
  }
}

const BACKSLASH = 0x5c;
const COLON = 0x3a;
const QUOTE = 0x22;
