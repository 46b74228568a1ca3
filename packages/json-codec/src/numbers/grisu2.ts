/** Formats a double as TensorFlow Serving does: Grisu2 of its JSON library, last-digit flaw included. */

/** `value` = 0.DIGITS × 10^`point`, nearly: the digits need not be the shortest. */
export interface DecimalDigits {
  readonly digits: string;
  readonly point: number;
}

/** Digits of a finite double above 0. All arithmetic is exact (`bigint`); meant for error texts, not for speed. */
export function grisu2(value: number): DecimalDigits {
  const { fraction, exponent } = decompose(value);
  const hidden = fraction === HIDDEN_BIT;
  const upper = normalized({ f: 2n * fraction + 1n, e: exponent - 1 });
  const lowerRaw = hidden ? { f: 4n * fraction - 1n, e: exponent - 2 } : { f: 2n * fraction - 1n, e: exponent - 1 };
  const lower = { f: lowerRaw.f << BigInt(lowerRaw.e - upper.e), e: upper.e };
  const exact = normalized({ f: fraction, e: exponent });

  const k = Math.ceil((-61 - upper.e) * LOG10_OF_2) + 347;
  const index = (k >> 3) + 1;
  const tens = -348 + index * 8;
  const power = cachedPower(tens);
  const w = multiply(exact, power);
  const high = multiply(upper, power);
  const low = multiply(lower, power);
  const highF = high.f - 1n;
  const delta = highF - (low.f + 1n);
  return generate(w.f, highF, high.e, delta, -tens);
}

interface DiyFp {
  readonly f: bigint;
  readonly e: number;
}

const HIDDEN_BIT = 1n << 52n;
const LOG10_OF_2 = 0.30102999566398114;

function decompose(value: number): { fraction: bigint; exponent: number } {
  const bits = new BigUint64Array(new Float64Array([value]).buffer)[0]!;
  const biased = Number((bits >> 52n) & 0x7ffn);
  const significand = bits & (HIDDEN_BIT - 1n);
  return biased === 0
    ? { fraction: significand, exponent: -1074 }
    : { fraction: significand + HIDDEN_BIT, exponent: biased - 1075 };
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

function normalized({ f, e }: DiyFp): DiyFp {
  const shift = 64 - bitLength(f);
  return { f: f << BigInt(shift), e: e - shift };
}

/** 10^exponent as a 64-bit significand, rounded to nearest, and a binary exponent. */
function cachedPower(exponent: number): DiyFp {
  const power = 10n ** BigInt(Math.abs(exponent));
  const length = bitLength(power);
  if (exponent >= 0) {
    if (length <= 64) return { f: power << BigInt(64 - length), e: length - 64 };
    const cut = BigInt(length - 64);
    return rounded((power + (1n << (cut - 1n))) >> cut, length - 64);
  }
  const shift = length + 63;
  const dividend = 1n << BigInt(shift + 1);
  const doubled = dividend / power;
  const wide = bitLength(doubled) - 64;
  const half = wide > 0 ? 1n << BigInt(wide - 1) : 0n;
  return rounded((doubled + half) >> BigInt(wide), -(shift + 1) + wide);
}

function rounded(f: bigint, e: number): DiyFp {
  return bitLength(f) > 64 ? { f: f >> 1n, e: e + 1 } : { f, e };
}

function multiply(a: DiyFp, b: DiyFp): DiyFp {
  return { f: (a.f * b.f + (1n << 63n)) >> 64n, e: a.e + b.e + 64 };
}

function generate(w: bigint, high: bigint, exponent: number, delta: bigint, k: number): DecimalDigits {
  const shift = BigInt(-exponent);
  const one = 1n << shift;
  const distance = high - w;
  let integer = high >> shift;
  let fraction = high & (one - 1n);
  let kappa = integer.toString().length;
  let digits = '';
  let remaining = delta;
  const finish = (rest: bigint, ten: bigint, wanted: bigint): DecimalDigits => {
    const shown = lowerLastDigit(digits, remaining, rest, ten, wanted);
    return { digits: shown, point: shown.length + k + kappa };
  };
  while (kappa > 0) {
    const divisor = 10n ** BigInt(kappa - 1);
    const digit = integer / divisor;
    integer %= divisor;
    if (digit !== 0n || digits !== '') digits += digit;
    kappa--;
    const rest = (integer << shift) + fraction;
    if (rest <= remaining) return finish(rest, divisor << shift, distance);
  }
  for (;;) {
    fraction *= 10n;
    remaining *= 10n;
    const digit = fraction >> shift;
    if (digit !== 0n || digits !== '') digits += digit;
    fraction &= one - 1n;
    kappa--;
    // From the 9th fraction digit on TensorFlow Serving multiplies by 0 here: the flaw that its texts show.
    const unit = -kappa < 9 ? 10n ** BigInt(-kappa) : 0n;
    if (fraction < remaining) return finish(fraction, one, distance * unit);
  }
}

function lowerLastDigit(digits: string, delta: bigint, start: bigint, ten: bigint, wanted: bigint): string {
  let rest = start;
  let last = digits.charCodeAt(digits.length - 1) - 48;
  while (rest < wanted && delta - rest >= ten && (rest + ten < wanted || wanted - rest > rest + ten - wanted)) {
    last--;
    rest += ten;
  }
  return digits.slice(0, -1) + last;
}
