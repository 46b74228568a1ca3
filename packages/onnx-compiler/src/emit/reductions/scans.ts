/** Running sums and products, and softmax. */

import { boolAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { asScalar, positions, sizeOf, unsqueezed } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxAttribute } from '../emitter.js';
import { constantNumbers, fromFront, inputRank, inputType, inputValues } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

const flag = (value: boolean): OnnxAttribute => ({ int: value ? 1 : 0 });

const options = (node: GraphNode): { exclusive: boolean; reverse: boolean } => ({
  exclusive: boolAttribute(node.attributes, 'exclusive', false),
  reverse: boolAttribute(node.attributes, 'reverse', false),
});

const scan =
  (operator: 'CumSum' | 'CumProd'): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const [value, axis] = inputValues(node, context);
    const { exclusive, reverse } = options(node);
    const attributes = { exclusive: flag(exclusive), reverse: flag(reverse) };
    return [math.move(operator, value!, [asScalar(builder, axis!, inputType(node, 1))], attributes)];
  };

/** Every row of a square of positions holds the numbers that its sum takes; the others are −∞. */
const cumulativeLogsumexp: Emitter = (node, builder, context) => {
  const dtype = inputType(node, 0);
  const narrow = new TypedMath(node, builder, context, dtype);
  const math = narrow.in(dtype === 'double' ? 'double' : 'float');
  const rank = inputRank(node, 0, context);
  const axis = fromFront(constantNumbers(node, 1, 'axis', context)[0]!, rank);
  const { exclusive, reverse } = options(node);
  const value = narrow.to(math.dtype, context.value(node.inputs[0]!));
  // [… axis …] becomes [… 1, axis …]: results along the new axis, numbers along the old one.
  const numbers = unsqueezed(builder, value, axis);
  const count = positions(builder, sizeOf(builder, value, axis));
  const shape = Array.from({ length: rank + 1 }, (_, i) => (i === axis || i === axis + 1 ? -1 : 1));
  const alongRows = builder.node('Reshape', [
    count,
    builder.int64s(shape.map((size, i) => (i === axis + 1 ? 1 : size))),
  ]);
  const alongColumns = builder.node('Reshape', [
    count,
    builder.int64s(shape.map((size, i) => (i === axis ? 1 : size))),
  ]);
  const [earlier, later] = reverse ? [alongRows, alongColumns] : [alongColumns, alongRows];
  const isTaken = builder.node(exclusive ? 'Less' : 'LessOrEqual', [earlier, later]);
  const taken = math.where(isTaken, numbers, math.scalar(Number.NEGATIVE_INFINITY));
  const axes = [builder.int64s([axis + 1])];
  const top = math.move('ReduceMax', taken, axes, { keepdims: flag(true) });
  const shift = math.where(math.test('IsInf', [top]), math.scalar(0), top);
  const total = math.move('ReduceSum', math.exp(math.sub(taken, shift)), axes, { keepdims: flag(true) });
  const sums = builder.node('Squeeze', [math.add(math.log(total), shift), axes[0]!]);
  // TensorFlow starts from the lowest finite number.
  const isEmpty = math.equal(sums, math.scalar(Number.NEGATIVE_INFINITY));
  const lowest = math.dtype === 'double' ? -Number.MAX_VALUE : -3.4028234663852886e38;
  return [narrow.from(math.dtype, exclusive ? math.where(isEmpty, math.scalar(lowest), sums) : sums)];
};

const softmax =
  (operator: 'Softmax' | 'LogSoftmax'): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    return [math.apply(operator, inputValues(node, context), { axis: { int: -1 } })];
  };

export const scans: EmitterTable = {
  Cumsum: scan('CumSum'),
  Cumprod: scan('CumProd'),
  CumulativeLogsumexp: cumulativeLogsumexp,
  Softmax: softmax('Softmax'),
  LogSoftmax: softmax('LogSoftmax'),
};
