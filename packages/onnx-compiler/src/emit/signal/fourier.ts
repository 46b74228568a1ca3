/** Fourier transforms of the last dimension. */
import { shapeOf } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantNumbers, inputRank, inputShape, inputType } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';
import { partType } from './complex-values.js';

/** The first `length` elements of the last dimension; a run with fewer of them fails. */
function cropped(builder: OnnxBuilder, value: OnnxValue, size: number, length: number): OnnxValue {
  if (size === length) return value;
  if (size < length) {
    const given = builder.node('Squeeze', [shapeOf(builder, value, -1)]);
    builder.guard(
      builder.node('GreaterOrEqual', [given, builder.scalar('int64', length)]),
      `Input dimension must have length of at least ${length} but got: `,
      { value: given, dtype: 'int64' },
    );
  }
  return builder.node('Slice', [value, builder.int64s([0]), builder.int64s([length]), builder.int64s([-1])]);
}

/** Of real numbers: the half of the spectrum that the other one mirrors. */
const realTransform: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [length] = constantNumbers(node, 1, 'fft_length', context);
  const size = inputShape(node, 0)?.at(-1) ?? -1;
  const value = cropped(builder, context.value(node.inputs[0]!), size, length!);
  const signal = builder.node('Unsqueeze', [value, builder.int64s([-1])]);
  const axis = builder.scalar('int64', inputRank(node, 0, context) - 1);
  return [dft(math, signal, axis, { onesided: 1 })];
};

function dft(
  math: TypedMath,
  signal: OnnxValue,
  axis: OnnxValue,
  { onesided = 0, inverse = 0 }: { onesided?: 0 | 1; inverse?: 0 | 1 },
): OnnxValue {
  const type = math.kernelType('DFT');
  const attributes = { onesided: { int: onesided }, inverse: { int: inverse } };
  return math.from(type, math.builder.node('DFT', [math.to(type, signal), '', axis], attributes));
}

const complexTransform =
  (inverse: 0 | 1): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, partType(inputType(node, 0))!);
    const axis = builder.scalar('int64', inputRank(node, 0, context) - 1);
    return [dft(math, context.value(node.inputs[0]!), axis, { inverse })];
  };

export const fourier: EmitterTable = {
  RFFT: realTransform,
  FFT: complexTransform(0),
  IFFT: complexTransform(1),
};
