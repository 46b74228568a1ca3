/** Lists that loops fill, of what the loops collect. */
import { formatPartialShape } from '@serving/core/tensor';
import { boolAttribute, shapeAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import { onnxDataType } from '../builder/onnx-data-type.js';
import type { Emitter, EmitterTable, OnnxBuilder, OnnxValue } from '../emitter.js';
import { inputValues } from '../node-inputs.js';

const INT64_MAX = 2n ** 63n - 1n;

const scanResult: Emitter = (node, builder, context) => {
  const [collected = '', ...others] = inputValues(node, context);
  const [element] = boolAttribute(node.attributes, 'has_element_shape') ? others : [];
  const rows = boolAttribute(node.attributes, 'pads') ? others.at(-1) : undefined;
  const trips = builder.node('Shape', [collected], { start: { int: 0 }, end: { int: 1 } });
  const list =
    element === undefined ? nonEmpty(node, builder, collected, trips) : shaped(builder, collected, trips, element);
  if (boolAttribute(node.attributes, 'keeps_last')) return [lastRow(builder, list, node, element)];
  return [rows === undefined ? list : padded(builder, list, trips, rows, node)];
};

/** Without an element shape a list without trips has no shape: TensorFlow fails too. */
function nonEmpty(node: GraphNode, builder: OnnxBuilder, collected: OnnxValue, trips: OnnxValue): OnnxValue {
  const some = builder.node('Squeeze', [builder.node('Greater', [trips, builder.int64s([0])])]);
  const shape = formatPartialShape(shapeAttribute(node.attributes, 'element_shape'));
  builder.guard(some, `Tried to stack elements of an empty list with non-fully-defined element_shape: ${shape}`);
  return collected;
}

/** ONNX Runtime forgets the element shape of a loop without trips. */
function shaped(builder: OnnxBuilder, collected: OnnxValue, trips: OnnxValue, element: OnnxValue): OnnxValue {
  const shape = builder.node('Concat', [trips, toInt64(builder, element)], { axis: { int: 0 } });
  return builder.node('Reshape', [collected, shape], { allowzero: { int: 1 } });
}

/** A list of one element, which every trip writes: zeros without trips. */
function lastRow(builder: OnnxBuilder, list: OnnxValue, node: GraphNode, element: OnnxValue | undefined): OnnxValue {
  const ends = builder.constant({ dtype: 'int64', shape: [1], data: BigInt64Array.of(INT64_MAX) });
  const written =
    element === undefined
      ? list
      : builder.node('Concat', [zeros(builder, node, builder.int64s([1]), toInt64(builder, element)), list], {
          axis: { int: 0 },
        });
  return builder.node('Slice', [written, builder.int64s([-1]), ends, builder.int64s([0])]);
}

/** Rows of zeros up to the list's length. */
function padded(builder: OnnxBuilder, list: OnnxValue, trips: OnnxValue, rows: OnnxValue, node: GraphNode): OnnxValue {
  const wanted = builder.node('Reshape', [toInt64(builder, rows), builder.int64s([1])]);
  const missing = builder.node('Max', [builder.node('Sub', [wanted, trips]), builder.int64s([0])]);
  const element = builder.node('Shape', [list], { start: { int: 1 } });
  return builder.node('Concat', [list, zeros(builder, node, missing, element)], { axis: { int: 0 } });
}

function zeros(builder: OnnxBuilder, node: GraphNode, rows: OnnxValue, element: OnnxValue): OnnxValue {
  const { dtype } = node.outputs[0]!;
  const shape = builder.node('Concat', [rows, element], { axis: { int: 0 } });
  return builder.node('Expand', [builder.scalar(dtype, dtype === 'int64' || dtype === 'uint64' ? 0n : 0), shape]);
}

function toInt64(builder: OnnxBuilder, value: OnnxValue): OnnxValue {
  return builder.node('Cast', [value], { to: { int: onnxDataType('int64')! } });
}

export const scanResults: EmitterTable = { _ScanResult: scanResult };
