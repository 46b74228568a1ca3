/** Arithmetic of two numbers, by operation. */
import { ServingError } from '@serving/core/portable';
import { bigMax, bigMin } from '../elements/numbers.js';
import type { BinaryArithmetic } from './element-wise.js';

function divisor<N extends number | bigint>(y: N): N {
  if (!y) throw new ServingError('INVALID_ARGUMENT', 'Integer division by zero');
  return y;
}

const truncatedDivision: BinaryArithmetic = {
  float: (x, y) => x / y,
  integer: (x, y) => Math.trunc(x / divisor(y)),
  big: (x, y) => x / divisor(y),
};

const truncatedRemainder: BinaryArithmetic = {
  float: (x, y) => x % y,
  integer: (x, y) => x % divisor(y),
  big: (x, y) => x % divisor(y),
};

function floorMod(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

function bigFloorDiv(x: bigint, y: bigint): bigint {
  const quotient = x / divisor(y);
  return x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient;
}

function exponent(y: number | bigint): void {
  if (y < 0) throw new ServingError('INVALID_ARGUMENT', 'Integers to negative integer powers are not allowed');
}

function integerPower(x: number, y: number): number {
  exponent(y);
  let result = 1;
  let base = x;
  for (let rest = y; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

function bigPower(x: bigint, y: bigint): bigint {
  exponent(y);
  let result = 1n;
  let base = BigInt.asUintN(64, x);
  for (let rest = y; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = BigInt.asUintN(64, result * base);
    base = BigInt.asUintN(64, base * base);
  }
  return result;
}

/** JavaScript's power is NaN where C's is 1. */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
}

const add: BinaryArithmetic = { float: (x, y) => x + y, integer: (x, y) => x + y, big: (x, y) => x + y };

/** Operations of two tensors that broadcast and keep the dtype. */
export const binaryArithmetic: Readonly<Record<string, BinaryArithmetic>> = {
  Add: add,
  AddV2: add,
  Sub: { float: (x, y) => x - y, integer: (x, y) => x - y, big: (x, y) => x - y },
  Mul: { float: (x, y) => x * y, integer: Math.imul, big: (x, y) => x * y },
  RealDiv: { float: (x, y) => x / y },
  Div: truncatedDivision,
  TruncateDiv: truncatedDivision,
  FloorDiv: {
    float: (x, y, round) => Math.floor(round(x / y)),
    integer: (x, y) => Math.floor(x / divisor(y)),
    big: bigFloorDiv,
  },
  Mod: truncatedRemainder,
  TruncateMod: truncatedRemainder,
  FloorMod: {
    float: floorMod,
    integer: (x, y) => floorMod(x, divisor(y)),
    big: (x, y) => x - bigFloorDiv(x, y) * y,
  },
  DivNoNan: { float: (x, y) => (y === 0 ? 0 : x / y) },
  MulNoNan: { float: (x, y) => (y === 0 ? 0 : x * y) },
  Xdivy: { float: (x, y) => (x === 0 ? 0 : x / y) },
  Xlogy: { float: (x, y, round) => (x === 0 ? 0 : x * round(Math.log(y))) },
  Maximum: { float: (x, y) => Math.max(x, y), integer: (x, y) => Math.max(x, y), big: bigMax },
  Minimum: { float: (x, y) => Math.min(x, y), integer: (x, y) => Math.min(x, y), big: bigMin },
  SquaredDifference: {
    float: (x, y, round) => round(x - y) ** 2,
    integer: (x, y) => Math.imul(x - y, x - y),
    big: (x, y) => (x - y) * (x - y),
  },
  Pow: { float: power, integer: integerPower, big: bigPower },
  Atan2: { float: Math.atan2 },
  BitwiseAnd: { integer: (x, y) => x & y, big: (x, y) => x & y },
  BitwiseOr: { integer: (x, y) => x | y, big: (x, y) => x | y },
  BitwiseXor: { integer: (x, y) => x ^ y, big: (x, y) => x ^ y },
};
