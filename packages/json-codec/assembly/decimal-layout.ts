/** Digits and an exponent laid out as C's `%g` does. */
import { eightDigitText, writeUnsigned } from './digit-writer';
import { DIGITS } from './memory-areas';

const ZERO: u32 = 0x30;
const POINT: u32 = 0x2e;

/**
 * Writes `digits` whose first stands for 10^exponent: trailing zeros dropped, exponent form below 10⁻⁴ and from
 * 10^precision, `.0` behind an integer. For a precision of 6 there are 8 digits of which the last two are 0; rounded up
 * to one digit more, `digits` is a power of ten. Up to 24 bytes behind the text are overwritten.
 */
export function writeDecimal(digits: u64, precision: i32, exponent: i32, out: usize): usize {
  let first = exponent;
  let rest = digits;
  let at = DIGITS;
  if (precision === 17) {
    let upper = rest / 10000000000000000;
    if (upper === 10) {
      upper = 1;
      first++;
      rest = 10000000000000000;
    }
    store<u8>(at, ZERO + <u32>upper);
    rest -= upper * 10000000000000000;
    const middle = rest / 100000000;
    store<u64>(at, eightDigitText(<u32>middle), 1);
    at += 9;
    rest -= middle * 100000000;
  } else if (precision === 9) {
    let upper = rest / 100000000;
    rest -= upper * 100000000;
    if (upper === 10) {
      upper = 1;
      first++;
    }
    store<u8>(at++, ZERO + <u32>upper);
  } else if (rest === 100000000) {
    rest = 10000000;
    first++;
  }
  store<u64>(at, eightDigitText(<u32>rest));
  at += 8;
  while (load<u8>(at - 1) === ZERO) at--;
  return layOut(<i32>(at - DIGITS), precision, first, out);
}

/** Lays out the first `count` of the digits at DIGITS; behind them stand zeros as far as the precision goes. */
function layOut(count: i32, precision: i32, exponent: i32, out: usize): usize {
  if (exponent < -4 || exponent >= precision) {
    store<u8>(out, load<u8>(DIGITS));
    let at = out + 1;
    if (count > 1) {
      store<u8>(at, POINT);
      copyDigits(1, at + 1);
      at += count;
    }
    return writeExponent(exponent, at);
  }
  if (exponent < 0) {
    store<u64>(out, 0x30303030302e30);
    const at = out + 1 - exponent;
    copyDigits(0, at);
    return at + count;
  }
  copyDigits(0, out);
  const whole = exponent + 1;
  const point = out + whole;
  store<u8>(point, POINT);
  if (count <= whole) {
    store<u8>(point, ZERO, 1);
    return point + 2;
  }
  copyDigits(whole, point + 1);
  return out + count + 1;
}

/** Copies the digits from the `from`-th on, always as many bytes as the longest have. */
function copyDigits(from: i32, out: usize): void {
  store<u64>(out, load<u64>(DIGITS + from));
  store<u64>(out, load<u64>(DIGITS + from, 8), 8);
  store<u8>(out, load<u8>(DIGITS + from, 16), 16);
}

function writeExponent(exponent: i32, out: usize): usize {
  store<u16>(out, exponent < 0 ? 0x2d65 : 0x2b65);
  const magnitude = abs(exponent);
  if (magnitude >= 10) return writeUnsigned(magnitude, out + 2);
  store<u16>(out, <u16>(((ZERO + magnitude) << 8) | ZERO), 2);
  return out + 4;
}
