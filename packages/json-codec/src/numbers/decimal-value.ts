/** Decimal digits to the nearest double. */

import { EXACT_POWERS, MAX_SCALE, productError, SCALE_ERROR, scaleByPowerOfTen } from './powers-of-ten.js';

/**
 * The double nearest to the decimal number without a sign that stands in `text[start … end)`: digits, perhaps a
 * fraction, perhaps an exponent. The text must be well-formed.
 */
export function decimalValue(text: Uint8Array, start: number, end: number): number {
  let first = 0;
  let second = 0;
  let digits = 0;
  let secondDigits = 0;
  let exponent = 0;
  let afterPoint = false;
  for (let at = start; at < end; at++) {
    const digit = text[at]! - ZERO;
    if (digit === POINT - ZERO) {
      afterPoint = true;
      continue;
    }
    if (digit >>> 0 > 9) {
      exponent += exponentValue(text, at + 1, end);
      break;
    }
    if (afterPoint) exponent--;
    if (digits < 15) {
      first = first * 10 + digit;
      if (first !== 0) digits++;
    } else {
      second = second * 10 + digit;
      if (++secondDigits > 15) return parsed(text, start, end);
    }
  }
  if (secondDigits === 0 && exponent >= -22 && exponent <= 22) {
    return exponent < 0 ? first / EXACT_POWERS[-exponent]! : first * EXACT_POWERS[exponent]!;
  }
  if (first === 0) return 0;
  if (exponent < -MAX_SCALE || exponent > MAX_SCALE) return parsed(text, start, end);
  // first × 10^secondDigits + second, exactly but for a part of 2⁻¹⁰⁶.
  const power = EXACT_POWERS[secondDigits]!;
  const product = first * power;
  const sum = product + second;
  const low = second - (sum - product) + productError(first, power, product);
  const scaled = scaleByPowerOfTen(sum, low, exponent);
  const error = scaled.high * SCALE_ERROR;
  const value = scaled.high + (scaled.low - error);
  return value === scaled.high + (scaled.low + error) ? value : parsed(text, start, end);
}

/** Bytes of ASCII as a string. */
function asciiText(text: Uint8Array, start: number, end: number): string {
  if (end - start > LONG) return Buffer.from(text.buffer, text.byteOffset + start, end - start).toString('latin1');
  let result = '';
  for (let at = start; at < end; at++) result += String.fromCharCode(text[at]!);
  return result;
}

/** Below this many bytes a loop is faster than a call of Node's. */
const LONG = 64;

function parsed(text: Uint8Array, start: number, end: number): number {
  return Number(asciiText(text, start, end));
}

function exponentValue(text: Uint8Array, start: number, end: number): number {
  const signed = text[start] === PLUS || text[start] === MINUS;
  let value = 0;
  for (let at = signed ? start + 1 : start; at < end; at++) value = Math.min(value * 10 + text[at]! - ZERO, 1e9);
  return text[start] === MINUS ? -value : value;
}

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
