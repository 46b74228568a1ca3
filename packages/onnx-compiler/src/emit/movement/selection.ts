/** Elements chosen by conditions. */
import { asVector, joined, positions, shapeOf, unsqueezed } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { inputRank, inputShape, inputType, inputValues } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

/** The positions of what isn't 0; NaN isn't. */
const where: Emitter = (node, builder, context) => {
  const dtype = inputType(node, 0);
  const math = new TypedMath(node, builder, context, dtype);
  const [value] = inputValues(node, context);
  if (inputShape(node, 0)?.length === 0) context.refuse(node, 'a scalar has no positions');
  const isSet = dtype === 'bool' ? value! : math.not(math.equal(value!, math.scalar(0)));
  return [builder.node('Transpose', [builder.node('NonZero', [isSet])], { perm: { ints: [1, 0] } })];
};

/** A vector of conditions chooses whole rows. */
const select: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 1));
  const [condition, yes, no] = inputValues(node, context);
  const rows = node.op === 'Select' ? inputRank(node, 0, context) : 0;
  if (rows !== 1) return [math.where(condition!, yes!, no!)];
  const rank = inputRank(node, 1, context);
  const aligned = unsqueezed(builder, condition!, ...Array.from({ length: rank - 1 }, (_, i) => i + 1));
  return [math.where(aligned, yes!, no!)];
};

const partition: Emitter = (node, builder, context) => {
  const [data, given] = inputValues(node, context);
  const parts = asVector(builder, given!, inputType(node, 1));
  const count = builder.scalar('int64', node.outputs.length);
  const isPart = builder.node('And', [
    builder.node('GreaterOrEqual', [parts, builder.scalar('int64', 0)]),
    builder.node('Less', [parts, count]),
  ]);
  builder.guard(
    allTrue(builder, isPart),
    'partitions',
    { value: parts, dtype: 'int64', outside: { min: 0, max: node.outputs.length } },
    ` is not in [0, ${node.outputs.length})`,
  );
  const tail = shapeOf(builder, data!, inputRank(node, 1, context));
  const rows = builder.node('Reshape', [data!, joined(builder, shapeOf(builder, parts), tail)], {
    allowzero: { int: 1 },
  });
  return node.outputs.map((_, part) => {
    const isWanted = builder.node('Equal', [parts, builder.scalar('int64', part)]);
    return builder.node('Compress', [rows, isWanted], { axis: { int: 0 } });
  });
};

/** Of a position that is given twice the last list wins. Positions that are not given are 0. */
const stitch: Emitter = (node, builder, context) => {
  const lists = node.inputs.length / 2;
  const math = new TypedMath(node, builder, context, inputType(node, lists));
  const values = inputValues(node, context);
  const ids = values.slice(0, lists).map((value, i) => asVector(builder, value, inputType(node, i)));
  const rows = values.slice(lists).map((value, i) => {
    const tail = shapeOf(builder, value, inputRank(node, i, context));
    return builder.node('Reshape', [value, joined(builder, shapeOf(builder, ids[i]!), tail)], {
      allowzero: { int: 1 },
    });
  });
  const allIds = joined(builder, ...ids);
  const isValid = builder.node('GreaterOrEqual', [allIds, builder.scalar('int64', 0)]);
  builder.guard(allTrue(builder, isValid), 'indices must not be negative');
  const allRows = rows.length === 1 ? rows[0]! : builder.node('Concat', rows, { axis: { int: 0 } });
  const last = builder.node('ReduceMax', [joined(builder, builder.int64s([-1]), allIds)], { keepdims: { int: 1 } });
  const count = builder.node('Add', [last, builder.int64s([1])]);
  const base = math.filled(joined(builder, count, shapeOf(builder, allRows, 1)), 0);
  return [builder.node('ScatterND', [base, unsqueezed(builder, allIds, 1), allRows])];
};

/** What of the first list is not in the second one. */
const listDiff: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [values, excluded] = inputValues(node, context);
  const isEqual = math.equal(unsqueezed(builder, values!, 1), unsqueezed(builder, excluded!, 0));
  const bytes = cast(builder, isEqual, 'bool', 'uint8');
  const found = builder.node('ReduceMax', [bytes, builder.int64s([1])], { keepdims: { int: 0 } });
  const isKept = math.not(cast(builder, found, 'uint8', 'bool'));
  const keep = (of: OnnxValue): OnnxValue => builder.node('Compress', [of, isKept], { axis: { int: 0 } });
  const places = positions(builder, builder.node('Size', [values!]));
  return [keep(values!), cast(builder, keep(places), 'int64', node.outputs[1]!.dtype)];
};

export const selection: EmitterTable = {
  Where: where,
  Select: select,
  SelectV2: select,
  DynamicPartition: partition,
  DynamicStitch: stitch,
  ParallelDynamicStitch: stitch,
  ListDiff: listDiff,
};
