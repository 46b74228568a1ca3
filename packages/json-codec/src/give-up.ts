/** How the readers of usual bodies speak to each other: positions, and a way to say no. */

/** Returned in place of a position when something unusual stands there. */
export const GIVE_UP = -1;

/** JSON's white space; a byte past the end is none. */
export function isSpace(byte: number): boolean {
  return byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}
