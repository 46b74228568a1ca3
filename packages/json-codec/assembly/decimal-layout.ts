/** Digits and an exponent laid out as C's `%g` does. */
import { writeUnsigned } from './digit-writer';
import { ZEROS } from './digits';

const ZERO: u32 = 0x30;
const POINT: u32 = 0x2e;

/**
 * Writes a number whose first digit is `head` and stands for 10^exponent, and whose others are two words of eight bytes
 * of text: trailing zeros dropped, exponent form below 10⁻⁴ and from 10^precision, `.0` behind an integer. What was
 * rounded up to a digit more has a head of 10. Up to 24 bytes behind the text are overwritten.
 */
export function writeDecimal(head: u32, next: u64, last: u64, precision: i32, exponent: i32, out: usize): usize {
  let power = exponent;
  let digit = head;
  if (digit === 10) {
    digit = 1;
    power++;
  }
  let count: i32 = 1;
  if (last !== ZEROS) count = 17 - <i32>(clz(last ^ ZEROS) >> 3);
  else if (next !== ZEROS) count = 9 - <i32>(clz(next ^ ZEROS) >> 3);

  if (power < 0 && power >= -4) {
    store<u64>(out, 0x30303030302e30);
    const at = out + 1 - power;
    writeDigits(digit, next, last, at, at + 1);
    return at + count;
  }
  const whole = power + 1;
  if (power > 0 && whole <= precision) {
    writeDigits(digit, next, last, out, out + 1);
    const point = out + whole;
    const first = load<u64>(point);
    const second = load<u64>(point, 8);
    store<u8>(point, POINT);
    store<u64>(point, first, 1);
    store<u64>(point, second, 9);
    if (count > whole) return out + count + 1;
    store<u8>(point, ZERO, 1);
    return point + 2;
  }
  writeDigits(digit, next, last, out, out + 2);
  store<u8>(out, POINT, 1);
  if (power !== 0) return writeExponent(power, count > 1 ? out + count + 1 : out + 1);
  if (count > 1) return out + count + 1;
  store<u8>(out, ZERO, 2);
  return out + 3;
}

function writeDigits(head: u32, next: u64, last: u64, headAt: usize, at: usize): void {
  store<u8>(headAt, ZERO + head);
  store<u64>(at, next);
  store<u64>(at, last, 8);
}

function writeExponent(exponent: i32, out: usize): usize {
  store<u16>(out, exponent < 0 ? 0x2d65 : 0x2b65);
  const magnitude = abs(exponent);
  if (magnitude >= 10) return writeUnsigned(magnitude, out + 2);
  store<u16>(out, <u16>(((ZERO + magnitude) << 8) | ZERO), 2);
  return out + 4;
}
