/** Arithmetic of one number, by operation. */
import { bigMax } from '../elements/numbers.js';
import type { UnaryArithmetic } from './element-wise.js';

const float = (apply: (x: number, round: (value: number) => number) => number): UnaryArithmetic => ({ float: apply });

/** To the nearest whole number, ties to even. */
function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : Math.ceil(x);
  return floor % 2 === 0 ? floor : Math.ceil(x);
}

const reciprocal: UnaryArithmetic = float((x) => 1 / x);

/** Operations of one tensor that keep its dtype. */
export const unaryArithmetic: Readonly<Record<string, UnaryArithmetic>> = {
  Neg: { float: (x) => -x, integer: (x) => -x, big: (x) => -x },
  Abs: { float: Math.abs, integer: Math.abs, big: (x) => (x < 0n ? -x : x) },
  Sign: { float: Math.sign, integer: Math.sign, big: (x) => (x > 0n ? 1n : x < 0n ? -1n : 0n) },
  Square: { float: (x) => x * x, integer: (x) => Math.imul(x, x), big: (x) => x * x },
  Sqrt: float(Math.sqrt),
  Rsqrt: float((x, round) => 1 / round(Math.sqrt(x))),
  Reciprocal: reciprocal,
  Inv: reciprocal,
  Exp: float(Math.exp),
  Expm1: float(Math.expm1),
  Log: float(Math.log),
  Log1p: float(Math.log1p),
  Sin: float(Math.sin),
  Cos: float(Math.cos),
  Tan: float(Math.tan),
  Sinh: float(Math.sinh),
  Cosh: float(Math.cosh),
  Tanh: float(Math.tanh),
  Asin: float(Math.asin),
  Acos: float(Math.acos),
  Atan: float(Math.atan),
  Asinh: float(Math.asinh),
  Acosh: float(Math.acosh),
  Atanh: float(Math.atanh),
  Sigmoid: float((x) => 1 / (1 + Math.exp(-x))),
  Softplus: float((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  Relu: { float: (x) => Math.max(x, 0), integer: (x) => Math.max(x, 0), big: (x) => bigMax(x, 0n) },
  Relu6: { float: (x) => Math.min(Math.max(x, 0), 6), integer: (x) => Math.min(Math.max(x, 0), 6) },
  Floor: float(Math.floor),
  Ceil: float(Math.ceil),
  Rint: float(roundToEven),
  Round: { float: roundToEven, integer: (x) => x, big: (x) => x },
  Invert: { integer: (x) => ~x, big: (x) => ~x },
};
