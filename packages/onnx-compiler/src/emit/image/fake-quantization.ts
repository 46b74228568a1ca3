/** Numbers rounded to the steps of a quantized type. */
import { boolAttribute, floatAttribute, intAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { constantInput } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

const f = Math.fround;

/** A range moved so that 0 is a step. */
interface NudgedRange {
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

/** The range as TensorFlow's kernel computes it in float32; `undefined` for an empty range, whose result is 0. */
export function nudgedRange(least: number, most: number, steps: readonly [number, number]): NudgedRange | undefined {
  if (least === 0 && most === 0) return undefined;
  const [low, high] = steps;
  const step = f(f(f(most) - f(least)) / f(high - low));
  const zero = f(low - f(f(least) / step));
  const nudged = zero < low ? low : zero > high ? high : Math.sign(zero) * Math.floor(Math.abs(zero) + 0.5);
  return { least: f(f(low - nudged) * step), most: f(f(high - nudged) * step), step };
}

function stepsOf(node: GraphNode): readonly [number, number] {
  const bits = intAttribute(node.attributes, 'num_bits', 8);
  return [boolAttribute(node.attributes, 'narrow_range', false) ? 1 : 0, 2 ** bits - 1];
}

function rounded(
  node: GraphNode,
  builder: OnnxBuilder,
  context: EmitContext,
  [leasts, mosts]: readonly [readonly number[], readonly number[]],
  shape: readonly number[],
): OnnxValue {
  const math = new TypedMath(node, builder, context, 'float');
  const ranges = leasts.map((least, i) => nudgedRange(least, mosts[i]!, stepsOf(node)));
  const values = (of: (range: NudgedRange) => number, empty: number) =>
    builder.constant({
      dtype: 'float',
      shape,
      data: Float32Array.from(ranges, (range) => (range ? of(range) : empty)),
    });
  const least = values((range) => range.least, 0);
  const most = values((range) => range.most, 0);
  const step = values((range) => range.step, 0);
  const inverse = values((range) => 1 / range.step, 0);
  const x = math.sub(math.min(math.max(context.value(node.inputs[0]!), least), most), least);
  const count = math.floor(math.add(math.mul(x, inverse), math.scalar(0.5)));
  return math.add(math.mul(count, step), least);
}

const byAttributes: Emitter = (node, builder, context) => {
  const least = floatAttribute(node.attributes, 'min', -6);
  const most = floatAttribute(node.attributes, 'max', 6);
  return [rounded(node, builder, context, [[least], [most]], [])];
};

const byInputs: Emitter = (node, builder, context) => {
  const [least, most] = [constantInput(node, 1, 'min', context), constantInput(node, 2, 'max', context)];
  const numbers = [Array.from(least.data as Float32Array), Array.from(most.data as Float32Array)] as const;
  return [rounded(node, builder, context, numbers, least.shape)];
};

/** Emitters of simulated quantization. */
export const fakeQuantization: EmitterTable = {
  FakeQuantWithMinMaxArgs: byAttributes,
  FakeQuantWithMinMaxVars: byInputs,
  FakeQuantWithMinMaxVarsPerChannel: byInputs,
};
