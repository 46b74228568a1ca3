/** Arithmetic on complex numbers. */
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { inputType } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';
import { type ComplexParts, joinComplex, partType, splitComplex } from './complex-values.js';

type ComplexFormula = (math: TypedMath, inputs: readonly ComplexParts[]) => ComplexParts;

/** Of complex inputs and a complex result. */
const complexFormula =
  (write: ComplexFormula): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, partType(inputType(node, 0))!);
    const inputs = node.inputs.map((input) => splitComplex(builder, context.value(input)));
    return [joinComplex(builder, write(math, inputs))];
  };

/** Of one complex input and a real result. */
const realFormula =
  (write: (math: TypedMath, input: ComplexParts) => OnnxValue): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, partType(inputType(node, 0))!);
    return [write(math, splitComplex(builder, context.value(node.inputs[0]!)))];
  };

const eachPart = (operator: 'add' | 'sub'): Emitter =>
  complexFormula((math, [a, b]) => ({
    real: math[operator](a!.real, b!.real),
    imaginary: math[operator](a!.imaginary, b!.imaginary),
  }));

const product: ComplexFormula = (math, [a, b]) => ({
  real: math.sub(math.mul(a!.real, b!.real), math.mul(a!.imaginary, b!.imaginary)),
  imaginary: math.add(math.mul(a!.real, b!.imaginary), math.mul(a!.imaginary, b!.real)),
});

/** Scaled by the larger part, so that squares don't overflow. */
function magnitude(math: TypedMath, { real, imaginary }: ComplexParts): OnnxValue {
  const [a, b] = [math.abs(real), math.abs(imaginary)];
  const [larger, smaller] = [math.max(a, b), math.min(a, b)];
  const isZero = math.equal(larger, math.scalar(0));
  const ratio = math.div(smaller, math.where(isZero, math.scalar(1), larger));
  return math.mul(larger, math.sqrt(math.add(math.scalar(1), math.mul(ratio, ratio))));
}

const exponential: ComplexFormula = (math, [z]) => {
  const length = math.exp(z!.real);
  return {
    real: math.mul(length, math.apply('Cos', [z!.imaginary])),
    imaginary: math.mul(length, math.apply('Sin', [z!.imaginary])),
  };
};

/** Both parts in the shape that they are broadcast to. */
const complexOf: Emitter = (node, builder, context) => {
  const [real, imaginary] = node.inputs.map((input) => context.value(input));
  const isTrue = builder.scalar('bool', 1);
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const parts = {
    real: math.where(isTrue, real!, imaginary!),
    imaginary: math.where(isTrue, imaginary!, real!),
  };
  return [joinComplex(builder, parts)];
};

export const complexArithmetic: EmitterTable = {
  Add: eachPart('add'),
  AddV2: eachPart('add'),
  Sub: eachPart('sub'),
  Mul: complexFormula(product),
  Square: complexFormula((math, [z]) => product(math, [z!, z!])),
  Neg: complexFormula((math, [z]) => ({ real: math.neg(z!.real), imaginary: math.neg(z!.imaginary) })),
  Conj: complexFormula((math, [z]) => ({ real: z!.real, imaginary: math.neg(z!.imaginary) })),
  Exp: complexFormula(exponential),
  Complex: complexOf,
  Real: realFormula((_math, { real }) => real),
  Imag: realFormula((_math, { imaginary }) => imaginary),
  ComplexAbs: realFormula(magnitude),
};
