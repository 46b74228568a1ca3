/** The double that TensorFlow Serving reads from a token, for error texts alone. Tensors get correctly rounded values. */

import { MINUS, POINT, ZERO } from '../json/characters.js';
import { INTEGER64_LIMITS } from '../json/json-number.js';

/**
 * Its arithmetic step by step, each rounded to nearest, for a token that is neither an integer nor a word:
 * `text[start … end)`, its sign included, well-formed and not too big. Long tokens come out a few units in the last place off.
 */
export function referenceDouble(text: Uint8Array, start: number, end: number): number {
  const negative = text[start] === MINUS;
  const limit = negative ? INTEGER64_LIMITS.negative : INTEGER64_LIMITS.positive;
  let at = negative ? start + 1 : start;
  const first = at;
  let exact = 0n;
  for (; at < end && isDigit(text[at]!); at++) {
    const next = exact * 10n + BigInt(text[at]! - ZERO);
    if (next > limit) break;
    exact = next;
  }
  let counted = at - first - 1;
  const isWide = at < end && isDigit(text[at]!);
  let value = Number(exact);
  for (; at < end && isDigit(text[at]!); at++) value = value * 10 + (text[at]! - ZERO);
  let exponent = 0;
  if (text[at] === POINT && at < end) {
    at++;
    if (!isWide) {
      for (; at < end && isDigit(text[at]!) && exact <= MAX_SAFE; at++) {
        exact = exact * 10n + BigInt(text[at]! - ZERO);
        exponent--;
        if (exact !== 0n) counted++;
      }
      value = Number(exact);
    }
    for (; at < end && isDigit(text[at]!); at++) {
      if (counted >= MAX_COUNTED) continue;
      value = value * 10 + (text[at]! - ZERO);
      exponent--;
      if (value > 0) counted++;
    }
  }
  if (at < end) exponent += Number(Buffer.from(text.subarray(at + 1, end)).toString('latin1'));
  const scaled = exponent < -MAX_POWER ? scale(scale(value, -MAX_POWER), exponent + MAX_POWER) : scale(value, exponent);
  return negative ? -scaled : scaled;
}

const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
/** Digits after the first that count. */
const MAX_COUNTED = 17;
const MAX_POWER = 308;

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

function scale(value: number, exponent: number): number {
  if (exponent < -MAX_POWER) return 0;
  return exponent < 0 ? value / Number(`1e${-exponent}`) : value * Number(`1e${exponent}`);
}
