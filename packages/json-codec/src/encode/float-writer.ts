/** One float at a time as decimal text. */
import { floatText } from '../numbers/float-text.js';
import { numberLoops } from '../numbers/number-loops.js';

/** No text of a float is longer. */
export const MAX_FLOAT_TEXT = 26;

/**
 * Writes a float32 value into `bytes` from `at`, where {@link MAX_FLOAT_TEXT} bytes are free, and returns where it
 * ended: six significant digits if they stand for the same float32, else nine; `.0` is appended to what would look like
 * an integer; `NaN`, `Infinity`, `-Infinity`.
 */
export function writeFloat32(value: number, bytes: Uint8Array, at: number): number {
  const loops = numberLoops();
  if (loops === undefined) {
    const text = floatText(value, 9);
    for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
    return at + text.length;
  }
  loops.textClaim++;
  const length = loops.writeFloat(value);
  const { text } = loops;
  for (let i = 0; i < length; i++) bytes[at + i] = text[i]!;
  return at + length;
}
