/** Powers. Those of integers are products: ONNX Runtime's go through double. */
import { dataTypeInfo, fromBfloat16, fromHalf } from '@serving/core/tensor';
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { inputType, knownNumbers } from '../node-inputs.js';
import type { TypedMath } from '../typed-math.js';
import { type Formula, formula, wideFormula } from './formula.js';

/** The exponent where it is one constant number. */
function constantExponent(...[, , node, context]: Parameters<Formula>): number | undefined {
  const numbers = knownNumbers(node, 1, context);
  if (numbers?.length !== 1) return undefined;
  const dtype = inputType(node, 1);
  if (dtype === 'half') return fromHalf(numbers[0]!);
  return dtype === 'bfloat16' ? fromBfloat16(numbers[0]!) : numbers[0];
}

/** Powers that TensorFlow computes in another way when it serves a graph. */
const SPECIAL: ReadonlyMap<number, (math: TypedMath, x: OnnxValue) => OnnxValue> = new Map([
  [2, (math, x) => math.mul(x, x)],
  [3, (math, x) => math.mul(math.mul(x, x), x)],
  [0.5, (math, x) => math.sqrt(x)],
  [-0.5, (math, x) => math.apply('Reciprocal', [math.sqrt(x)])],
  [-1, (math, x) => math.apply('Reciprocal', [x])],
]);

const floatPower: Formula = (math, inputs, node, context) => {
  const [x, y] = inputs;
  const exponent = constantExponent(math, inputs, node, context);
  // A constant of higher rank would widen the result.
  const isScalar = node.inputs[1]!.node.constant?.shape.length === 0;
  const special = exponent === undefined || !isScalar ? undefined : SPECIAL.get(exponent);
  return special ? special(math, x!) : math.apply('Pow', [x!, y!]);
};

/** Squares and multiplies: bit by bit of the exponent, wrapping as TensorFlow does. */
const integerPower: Formula = (math, inputs, node, context) => {
  const [x, y] = inputs;
  const exponent = constantExponent(math, inputs, node, context);
  if (exponent === undefined) {
    const isValid = allTrue(math.builder, math.not(math.less(y!, math.scalar(0))));
    math.builder.guard(isValid, 'Integers to negative integer powers are not allowed');
  } else if (exponent < 0) {
    context.refuse(node, `the exponent ${exponent} is negative`);
  }
  const highest = exponent ?? Number.POSITIVE_INFINITY;
  const width = 8 * dataTypeInfo(math.dtype).array!.BYTES_PER_ELEMENT;
  const one = math.scalar(1);
  // Of the shape of both operands.
  const start = math.add(math.mul(math.sub(x!, x!), y!), one);
  let power = start;
  let base = x!;
  for (let bit = 0; bit < width && 2 ** bit <= highest; bit++) {
    const mask = math.scalar(BigInt.asIntN(64, 1n << BigInt(bit)));
    const isSet = math.not(math.equal(math.builder.node('BitwiseAnd', [y!, mask]), math.scalar(0)));
    power = math.where(isSet, math.mul(power, base), power);
    base = math.mul(base, base);
  }
  return power;
};

const powFloat = wideFormula(floatPower);
const powInteger = formula(integerPower);
const FLOATS: ReadonlySet<string> = new Set(['float', 'double', 'half', 'bfloat16']);

const pow: Emitter = (node, builder, context) =>
  (FLOATS.has(inputType(node, 0)) ? powFloat : powInteger)(node, builder, context);

export const power: EmitterTable = { Pow: pow };
