/** Sums, differences, products and quotients of real numbers. */

import { textAttribute } from '../../graph/attribute-readers.js';
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { inputRank } from '../node-inputs.js';
import type { TypedMath } from '../typed-math.js';
import { log1p } from './exponentials.js';
import { direct, type Formula, formula, wideFormula } from './formula.js';

/** 0 where a factor or divisor is 0, whatever the other operand is. */
const zeroWhere = (math: TypedMath, operand: OnnxValue, otherwise: OnnxValue): OnnxValue =>
  math.where(math.equal(operand, math.scalar(0)), math.scalar(0), otherwise);

const squaredDifference: Formula = (math, [x, y]) => {
  const difference = math.sub(x!, y!);
  return math.mul(difference, difference);
};

const sumOfAll: Emitter = formula((math, inputs) => inputs.reduce((sum, input) => math.add(sum, input)));

const biasAdd: Emitter = formula((math, [value, bias], node, context) => {
  if (!textAttribute(node.attributes, 'data_format', 'NHWC').startsWith('NC')) return math.add(value!, bias!);
  const rank = inputRank(node, 0, context);
  const shape = math.builder.int64s([-1, ...Array.from({ length: rank - 2 }, () => 1)]);
  return math.add(value!, math.builder.node('Reshape', [bias!, shape]));
});

const reciprocal: Emitter = formula((math, [x]) => math.apply('Reciprocal', [x!]));

export const arithmetic: EmitterTable = {
  Add: direct('Add'),
  AddV2: direct('Add'),
  BiasAddV1: direct('Add'),
  Sub: direct('Sub'),
  Mul: direct('Mul'),
  BiasAdd: biasAdd,
  AddN: sumOfAll,
  AccumulateNV2: sumOfAll,
  Xdivy: formula((math, [x, y]) => zeroWhere(math, x!, math.div(x!, y!))),
  DivNoNan: formula((math, [x, y]) => zeroWhere(math, y!, math.div(x!, y!))),
  MulNoNan: formula((math, [x, y]) => zeroWhere(math, y!, math.mul(x!, y!))),
  Xlogy: wideFormula((math, [x, y]) => zeroWhere(math, x!, math.mul(x!, math.log(y!)))),
  Xlog1py: wideFormula((math, [x, y]) => zeroWhere(math, x!, math.mul(x!, log1p(math, y!)))),
  Reciprocal: reciprocal,
  Inv: reciprocal,
  Maximum: direct('Max'),
  Minimum: direct('Min'),
  SquaredDifference: formula(squaredDifference),
  Square: formula((math, [x]) => math.mul(x!, x!)),
  Neg: direct('Neg'),
  Abs: direct('Abs'),
  Sign: direct('Sign'),
  Floor: direct('Floor'),
  Ceil: direct('Ceil'),
  Sqrt: direct('Sqrt'),
  Rsqrt: wideFormula((math, [x]) => math.apply('Reciprocal', [math.sqrt(x!)])),
  Cross: formula((math, [a, b]) => {
    const pick = (value: OnnxValue, ...axes: number[]): OnnxValue =>
      math.builder.node('Gather', [value, math.builder.int64s(axes)], { axis: { int: -1 } });
    return math.sub(math.mul(pick(a!, 1, 2, 0), pick(b!, 2, 0, 1)), math.mul(pick(a!, 2, 0, 1), pick(b!, 1, 2, 0)));
  }),
};
