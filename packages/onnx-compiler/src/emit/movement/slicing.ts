/** Parts of tensors, tensors with borders, repetitions. */

import { textAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { asInt64, asVector, shapeOf, sizeOf, TO_THE_END } from '../dimensions.js';
import type { EmitContext, Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { constantNumbers, inputShape, inputType, inputValues, knownNumbers } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

/** Whether a slice is certain to lie inside. */
function isInside(node: GraphNode, begin: readonly number[] | undefined, size: readonly number[] | undefined): boolean {
  const shape = inputShape(node, 0);
  if (!begin || !size) return false;
  return begin.every((start, axis) => {
    const length = size[axis]!;
    if (start === 0 && length === -1) return true;
    const known = shape?.[axis] ?? -1;
    return known >= 0 && start >= 0 && start + Math.max(length, 0) <= known;
  });
}

/** ONNX makes a slice that reaches over the end shorter; TensorFlow fails. */
const slice: Emitter = (node, builder, context) => {
  const [value, beginInput, sizeInput] = inputValues(node, context);
  const begin = knownNumbers(node, 1, context);
  const size = knownNumbers(node, 2, context);
  const starts = begin ? builder.int64s(begin) : asVector(builder, beginInput!, inputType(node, 1));
  const sizes = size ? builder.int64s(size) : asVector(builder, sizeInput!, inputType(node, 2));
  const zero = builder.scalar('int64', 0);
  let ends: OnnxValue;
  if (begin && size) {
    ends = builder.int64s(size.map((length, axis) => (length === -1 ? TO_THE_END : begin[axis]! + length)));
  } else {
    const isOpen = builder.node('Less', [sizes, zero]);
    ends = builder.node('Where', [isOpen, builder.scalar('int64', TO_THE_END), builder.node('Add', [starts, sizes])]);
  }
  if (context.options.guards && !isInside(node, begin, size)) {
    const last = builder.node('Add', [starts, builder.node('Max', [sizes, zero])]);
    const fits = builder.node('And', [
      builder.node('LessOrEqual', [last, shapeOf(builder, value!)]),
      builder.node('GreaterOrEqual', [starts, zero]),
    ]);
    const shown = (of: OnnxValue) => ({ value: of, dtype: 'int64' }) as const;
    builder.guard(
      allTrue(builder, fits),
      'Expected begin and size inside of the input: begin ',
      shown(starts),
      ', size ',
      shown(sizes),
      ', input ',
      shown(shapeOf(builder, value!)),
    );
  }
  return [builder.node('Slice', [value!, starts, ends])];
};

function padsValue(node: GraphNode, builder: OnnxBuilder, context: EmitContext): OnnxValue {
  const known = knownNumbers(node, 1, context);
  if (known) {
    if (known.some((width) => width < 0)) context.refuse(node, `paddings must not be negative (got [${known}])`);
    const ofSide = (side: number): number[] => known.filter((_, i) => i % 2 === side);
    return builder.int64s([...ofSide(0), ...ofSide(1)]);
  }
  const widths = asInt64(builder, context.value(node.inputs[1]!), inputType(node, 1));
  const isValid = builder.node('GreaterOrEqual', [widths, builder.scalar('int64', 0)]);
  builder.guard(allTrue(builder, isValid), 'Paddings must be non-negative: ', { value: widths, dtype: 'int64' });
  const bySide = builder.node('Transpose', [widths], { perm: { ints: [1, 0] } });
  return builder.node('Reshape', [bySide, builder.int64s([-1])]);
}

const pad: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [value, , filler] = inputValues(node, context);
  const type = math.kernelType('Pad');
  const border = filler === undefined ? [] : [math.to(type, filler)];
  const padded = builder.node('Pad', [math.to(type, value!), padsValue(node, builder, context), ...border], {
    mode: { string: 'constant' },
  });
  return [math.from(type, padded)];
};

/** Positions along an axis with its border mirrored. `edge` is 1 where the outermost element is not repeated. */
function mirroredPositions(builder: OnnxBuilder, size: OnnxValue, low: number, high: number, edge: 0 | 1): OnnxValue {
  const scalar = (value: number): OnnxValue => builder.scalar('int64', value);
  const end = builder.node('Add', [size, scalar(high)]);
  const places = builder.node('Range', [scalar(-low), end, scalar(1)]);
  const beforeFirst = builder.node('Sub', [scalar(edge - 1), places]);
  const isBefore = builder.node('Less', [places, scalar(0)]);
  const last = builder.node('Sub', [builder.node('Mul', [size, scalar(2)]), scalar(1 + edge)]);
  const isAfter = builder.node('GreaterOrEqual', [places, size]);
  const folded = builder.node('Where', [isAfter, builder.node('Sub', [last, places]), places]);
  return builder.node('Where', [isBefore, beforeFirst, folded]);
}

const mirrorPad: Emitter = (node, builder, context) => {
  const widths = constantNumbers(node, 1, 'paddings', context);
  const edge = textAttribute(node.attributes, 'mode') === 'REFLECT' ? 1 : 0;
  let value = context.value(node.inputs[0]!);
  for (let axis = 0; axis < widths.length / 2; axis++) {
    const [low, high] = [widths[2 * axis]!, widths[2 * axis + 1]!];
    if (low < 0 || high < 0) context.refuse(node, `paddings must not be negative (got [${widths}])`);
    if (low === 0 && high === 0) continue;
    const size = sizeOf(builder, value, axis);
    const widest = builder.scalar('int64', Math.max(low, high) + edge);
    builder.guard(
      builder.node('GreaterOrEqual', [size, widest]),
      `paddings must be no greater than the dimension size: ${low}, ${high} greater than `,
      { value: size, dtype: 'int64' },
    );
    value = builder.node('Gather', [value, mirroredPositions(builder, size, low, high, edge)], { axis: { int: axis } });
  }
  return [value];
};

const tile: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const [value, multiples] = inputValues(node, context);
  return [math.move('Tile', value!, [asVector(builder, multiples!, inputType(node, 1))])];
};

export const slicing: EmitterTable = { Slice: slice, Pad: pad, PadV2: pad, MirrorPad: mirrorPad, Tile: tile };
