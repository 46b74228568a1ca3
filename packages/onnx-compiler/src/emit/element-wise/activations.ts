/** Activation functions. */
import { floatAttribute } from '../../graph/attribute-readers.js';
import type { Emitter, EmitterTable, OnnxAttribute, OnnxValue } from '../emitter.js';
import { hasKernel } from '../kernel-types.js';
import { inputType, knownNumbers } from '../node-inputs.js';
import type { TypedMath } from '../typed-math.js';
import { expm1, log1p } from './exponentials.js';
import { type Formula, formula, wideFormula } from './formula.js';

/** ONNX's operator, or the formula for double, which it lacks. */
const orComposed = (
  operator: string,
  write: Formula,
  attributes: (...of: Parameters<Formula>) => Readonly<Record<string, OnnxAttribute>> = () => ({}),
): Emitter => {
  const composed = formula(write);
  const native = formula((math, inputs, node, context) =>
    math.apply(operator, inputs, attributes(math, inputs, node, context)),
  );
  return (node, builder, context) => (inputType(node, 0) === 'double' ? composed : native)(node, builder, context);
};

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

const whereNegative = (math: TypedMath, x: OnnxValue, negative: OnnxValue, otherwise: OnnxValue): OnnxValue =>
  math.where(math.less(x, math.scalar(0)), negative, otherwise);

const relu: Formula = (math, [x]) =>
  hasKernel('Relu', math.dtype) ? math.apply('Relu', [x!]) : math.max(x!, math.scalar(0));

const leakyRelu: Formula = (math, [x], node) =>
  whereNegative(math, x!, math.mul(x!, math.scalar(floatAttribute(node.attributes, 'alpha', 0.2))), x!);

const softplus: Formula = (math, [x]) =>
  math.add(math.max(x!, math.scalar(0)), log1p(math, math.exp(math.neg(math.abs(x!)))));

/** The lower bound wins where it is above the upper one. */
const clipByValue: Formula = (math, [x, low, high], node, context) => {
  const bounds = [1, 2].map((index) => knownNumbers(node, index, context));
  const [least, most] = bounds.map((bound) => (bound?.length === 1 ? bound[0]! : Number.NaN));
  const isPlain = math.dtype !== 'half' && math.dtype !== 'bfloat16' && least! <= most!;
  const areScalars = node.inputs.slice(1).every(({ node: { constant } }) => constant?.shape.length === 0);
  if (isPlain && areScalars) return math.apply('Clip', [x!, low!, high!]);
  return math.max(math.min(x!, high!), low!);
};

export const activations: EmitterTable = {
  Relu: formula(relu),
  Relu6: formula((math, [x]) => math.apply('Clip', [x!, math.scalar(0), math.scalar(6)])),
  LeakyRelu: orComposed('LeakyRelu', leakyRelu, (_math, _inputs, node) => ({
    alpha: { float: floatAttribute(node.attributes, 'alpha', 0.2) },
  })),
  Elu: orComposed('Elu', (math, [x]) => whereNegative(math, x!, expm1(math, x!), x!)),
  Selu: orComposed('Selu', (math, [x]) => {
    const negative = math.mul(expm1(math, x!), math.scalar(SELU_ALPHA * SELU_SCALE));
    return whereNegative(math, x!, negative, math.mul(x!, math.scalar(SELU_SCALE)));
  }),
  Softplus: orComposed('Softplus', softplus),
  Softsign: wideFormula((math, [x]) => math.div(x!, math.add(math.scalar(1), math.abs(x!)))),
  ClipByValue: formula(clipByValue),
};
