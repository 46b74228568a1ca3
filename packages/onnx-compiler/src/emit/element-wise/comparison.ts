/** Comparisons, logic and tests of numbers. */

import type { PartialShape } from '@serving/core/tensor';
import { boolAttribute, floatAttribute } from '../../graph/attribute-readers.js';
import { filledTensor } from '../builder/filled-tensor.js';
import type { Emitter, EmitterTable } from '../emitter.js';
import { inputShape } from '../node-inputs.js';
import { formula, wideFormula } from './formula.js';

const test = (operator: string): Emitter => formula((math, inputs) => math.test(operator, inputs));
const logic = (operator: string): Emitter => formula((math, inputs) => math.builder.node(operator, inputs));

/** Whether two shapes can't be broadcast to one, whatever their free dimensions are. */
function neverBroadcast(a: PartialShape, b: PartialShape): boolean {
  if (a === undefined || b === undefined) return false;
  for (let i = 1; i <= Math.min(a.length, b.length); i++) {
    const [x, y] = [a.at(-i)!, b.at(-i)!];
    if (x >= 0 && y >= 0 && x !== y && x !== 1 && y !== 1) return true;
  }
  return false;
}

/** Shapes that don't fit make one scalar, where the node asks for that instead of an error. */
const equality = (isNegated: boolean): Emitter =>
  formula((math, inputs, node) => {
    const isTolerant = !boolAttribute(node.attributes, 'incompatible_shape_error', true);
    if (isTolerant && neverBroadcast(inputShape(node, 0), inputShape(node, 1))) {
      return math.builder.constant(filledTensor('bool', [], isNegated ? 1 : 0));
    }
    const equal = math.test('Equal', inputs);
    return isNegated ? math.not(equal) : equal;
  });

export const comparison: EmitterTable = {
  Equal: equality(false),
  NotEqual: equality(true),
  Less: test('Less'),
  LessEqual: test('LessOrEqual'),
  Greater: test('Greater'),
  GreaterEqual: test('GreaterOrEqual'),
  ApproximateEqual: wideFormula((math, [x, y], node) => {
    const tolerance = floatAttribute(node.attributes, 'tolerance', 1e-5);
    return math.less(math.abs(math.sub(x!, y!)), math.scalar(tolerance));
  }),
  LogicalAnd: logic('And'),
  LogicalOr: logic('Or'),
  LogicalNot: logic('Not'),
  IsNan: test('IsNaN'),
  IsInf: test('IsInf'),
  IsFinite: formula((math, [x]) => math.not(math.or(math.test('IsNaN', [x!]), math.test('IsInf', [x!])))),
};
