/** Circular and hyperbolic functions. Those without a double kernel are composed of ones that have it. */
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { inputType } from '../node-inputs.js';
import type { TypedMath } from '../typed-math.js';
import { expm1, log1p } from './exponentials.js';
import { direct, type Formula, formula, wideFormula } from './formula.js';

/** ONNX's operator, or the formula where it has no kernel for double. */
const orComposed = (operator: string, write: (math: TypedMath, x: OnnxValue) => OnnxValue): Emitter => {
  const composed = formula((math, [x]) => write(math, x!));
  const native = direct(operator);
  return (node, builder, context) => (inputType(node, 0) === 'double' ? composed : native)(node, builder, context);
};

/** From here on e^|x|/2 is what is left of the hyperbolic functions. */
const LARGE = 20;
/** From here on x² + 1 is x² in double. */
const LARGE_SQUARE = 1e8;

/** e^(|x| − ln 2): half of e^|x| without overflow before the result's own. */
const halfExponential = (math: TypedMath, x: OnnxValue): OnnxValue =>
  math.exp(math.sub(math.abs(x), math.scalar(Math.LN2)));

const isAbove = (math: TypedMath, x: OnnxValue, limit: number): OnnxValue => math.less(math.scalar(limit), math.abs(x));

function sinh(math: TypedMath, x: OnnxValue): OnnxValue {
  const m = expm1(math, math.abs(x));
  const near = math.mul(math.scalar(0.5), math.add(m, math.div(m, math.add(m, math.scalar(1)))));
  const magnitude = math.where(isAbove(math, x, LARGE), halfExponential(math, x), near);
  return math.mul(math.apply('Sign', [x]), magnitude);
}

function cosh(math: TypedMath, x: OnnxValue): OnnxValue {
  const half = halfExponential(math, x);
  return math.add(half, math.div(math.scalar(0.25), half));
}

function asinh(math: TypedMath, x: OnnxValue): OnnxValue {
  const one = math.scalar(1);
  const magnitude = math.abs(x);
  const square = math.mul(x, x);
  const root = math.sqrt(math.add(square, one));
  const near = log1p(math, math.add(magnitude, math.div(square, math.add(one, root))));
  const far = math.add(math.log(magnitude), math.scalar(Math.LN2));
  return math.mul(math.apply('Sign', [x]), math.where(isAbove(math, x, LARGE_SQUARE), far, near));
}

function acosh(math: TypedMath, x: OnnxValue): OnnxValue {
  const t = math.sub(x, math.scalar(1));
  const near = log1p(math, math.add(t, math.sqrt(math.mul(t, math.add(t, math.scalar(2))))));
  const far = math.add(math.log(x), math.scalar(Math.LN2));
  return math.where(math.less(math.scalar(LARGE_SQUARE), x), far, near);
}

function atanh(math: TypedMath, x: OnnxValue): OnnxValue {
  const two = math.scalar(2);
  const magnitude = math.abs(x);
  const ratio = math.div(math.mul(two, magnitude), math.sub(math.scalar(1), magnitude));
  return math.mul(math.apply('Sign', [x]), math.div(log1p(math, ratio), two));
}

/** Whether a number is negative, −0 included. */
const hasSign = (math: TypedMath, x: OnnxValue): OnnxValue => {
  const zero = math.scalar(0);
  return math.or(math.less(x, zero), math.less(math.apply('Reciprocal', [x]), zero));
};

const atan2: Formula = (math, [y, x]) => {
  const zero = math.scalar(0);
  const bothInfinite = math.and(math.test('IsInf', [x!]), math.test('IsInf', [y!]));
  const sign = (value: OnnxValue): OnnxValue => math.where(bothInfinite, math.apply('Sign', [value]), value);
  const bothZero = math.and(math.equal(x!, zero), math.equal(y!, zero));
  const slope = math.where(bothZero, zero, math.div(sign(y!), sign(x!)));
  const half = math.where(hasSign(math, y!), math.scalar(-Math.PI), math.scalar(Math.PI));
  return math.add(math.apply('Atan', [slope]), math.where(hasSign(math, x!), half, zero));
};

export const trigonometry: EmitterTable = {
  Sin: direct('Sin'),
  Cos: direct('Cos'),
  Tan: orComposed('Tan', (math, x) => math.div(math.apply('Sin', [x]), math.apply('Cos', [x]))),
  Asin: direct('Asin'),
  Acos: direct('Acos'),
  Atan: direct('Atan'),
  Sinh: orComposed('Sinh', sinh),
  Cosh: orComposed('Cosh', cosh),
  Asinh: orComposed('Asinh', asinh),
  Acosh: orComposed('Acosh', acosh),
  Atanh: orComposed('Atanh', atanh),
  Atan2: wideFormula(atan2),
};
