/** Exponentials, logarithms and what is made of them, near zero as exact as elsewhere. */
import { EXACT_SIGMOID } from '../../rewrite/mark-exact-sigmoids.js';
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import type { TypedMath } from '../typed-math.js';
import { direct, wideFormula } from './formula.js';

/** log(1 + x) without the loss of `1 + x`. */
export function log1p(math: TypedMath, x: OnnxValue): OnnxValue {
  const one = math.scalar(1);
  const u = math.add(one, x);
  const d = math.sub(u, one);
  const logarithm = math.log(u);
  const small = math.equal(d, math.scalar(0));
  const corrected = math.where(small, x, math.mul(x, math.div(logarithm, d)));
  return math.where(math.test('IsInf', [u]), logarithm, corrected);
}

/** exp(x) − 1 without the loss of the difference. */
export function expm1(math: TypedMath, x: OnnxValue): OnnxValue {
  const u = math.exp(x);
  const m = math.sub(u, math.scalar(1));
  const minusOne = math.scalar(-1);
  const corrected = math.div(math.mul(m, x), math.log(u));
  const inside = math.where(math.equal(m, minusOne), minusOne, corrected);
  const nearZero = math.where(math.equal(m, math.scalar(0)), x, inside);
  return math.where(math.test('IsInf', [u]), u, nearZero);
}

const native = direct('Sigmoid');
const exact = wideFormula((math, [x]) => math.apply('Reciprocal', [math.add(math.scalar(1), math.exp(math.neg(x!)))]));

const sigmoid: Emitter = (node, builder, context) =>
  (node.attributes.has(EXACT_SIGMOID) ? exact : native)(node, builder, context);

export const exponentials: EmitterTable = {
  Exp: direct('Exp'),
  Log: direct('Log'),
  Log1p: wideFormula((math, [x]) => log1p(math, x!)),
  Expm1: wideFormula((math, [x]) => expm1(math, x!)),
  Erf: direct('Erf'),
  Erfc: wideFormula((math, [x]) => math.sub(math.scalar(1), math.apply('Erf', [x!]))),
  Sigmoid: sigmoid,
  Tanh: direct('Tanh'),
};
