/** How the readers of usual bodies speak to each other: positions, and ways to say that there is none. */

/** Returned in place of a position when something unusual stands there. */
export const GIVE_UP = -1;

/** Returned in place of a position when the slice is used up; `resume` goes on from there. */
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
