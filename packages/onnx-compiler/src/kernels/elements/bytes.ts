/** Bytes of strings, by what browsers have as well as Node: stages run in both. */

/** One character for each byte, so that texts compare and match as their bytes do. */
export function latin1Text(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}

/** The bytes of a text of {@link latin1Text}. */
export function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

/** Whether two strings are the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** Where the wanted bytes, at least one, stand from `start` on; -1 where they don't. */
export function indexOfBytes(bytes: Uint8Array, wanted: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(wanted[0]!, start); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (at + wanted.length > bytes.length) return -1;
    let length = 1;
    while (length < wanted.length && bytes[at + length] === wanted[length]) length++;
    if (length === wanted.length) return at;
  }
  return -1;
}
