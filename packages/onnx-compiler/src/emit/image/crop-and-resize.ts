/** `CropAndResize`. */
import { floatAttribute, textAttribute } from '../../graph/attribute-readers.js';
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, OnnxAttribute, OnnxBuilder, OnnxValue } from '../emitter.js';
import { inputType } from '../node-inputs.js';
import { cast } from '../typed-math.js';
import { fourSizes } from './resize.js';

/** One crop of shape `[1, height, width, channels]`. */
function crop(
  node: GraphNode,
  builder: OnnxBuilder,
  [image, boxes, rows, size]: readonly [OnnxValue, OnnxValue, OnnxValue, OnnxValue],
  index: OnnxValue,
): OnnxValue {
  const method = textAttribute(node.attributes, 'method', 'bilinear');
  const box = builder.node('Gather', [boxes, index]);
  const row = builder.node('Unsqueeze', [builder.node('Gather', [rows, index]), builder.int64s([0])]);
  const picture = builder.node('Transpose', [builder.node('Gather', [image, row])], { perm: { ints: [0, 3, 1, 2] } });
  // Regions are given as starts of all axes, then their ends; rows and channels are whole.
  const [y1, x1, y2, x2] = builder.nodes('Split', [box], 4, { num_outputs: { int: 4 }, axis: { int: 0 } });
  const [whole, end] = [
    [0, 0],
    [1, 1],
  ].map((data) => builder.constant({ dtype: 'float', shape: [2], data: Float32Array.from(data) })) as [
    OnnxValue,
    OnnxValue,
  ];
  const region = builder.node('Concat', [whole, y1!, x1!, end, y2!, x2!], { axis: { int: 0 } });
  const attributes: Record<string, OnnxAttribute> = {
    coordinate_transformation_mode: { string: 'tf_crop_and_resize' },
    extrapolation_value: { float: floatAttribute(node.attributes, 'extrapolation_value', 0) },
    mode: { string: method === 'nearest' ? 'nearest' : 'linear' },
    ...(method === 'nearest' && { nearest_mode: { string: 'round_prefer_ceil' } }),
  };
  const outer = builder.node('Shape', [picture], { end: { int: 2 } });
  const sizes = fourSizes(builder, outer, size);
  const resized = builder.node('Resize', [picture, region, '', sizes], attributes);
  return builder.node('Transpose', [resized], { perm: { ints: [0, 2, 3, 1] } });
}

const cropAndResize: Emitter = (node, builder, context) => {
  const image = cast(builder, context.value(node.inputs[0]!), inputType(node, 0), 'float');
  const [boxes, rows, given] = [1, 2, 3].map((input) => context.value(node.inputs[input]!)) as [
    OnnxValue,
    OnnxValue,
    OnnxValue,
  ];
  const size = cast(builder, given, 'int32', 'int64');
  const checked = checkedRows(builder, context, image, cast(builder, rows, 'int32', 'int64'));
  const count = builder.node('Squeeze', [builder.node('Shape', [boxes], { end: { int: 1 } })]);
  const body = builder.subgraph(
    [
      { dtype: 'int64', shape: [] },
      { dtype: 'bool', shape: [] },
    ],
    (inner, [index, condition]) => {
      const cropped = crop(node, inner, [image, boxes, checked, size], index!);
      const picture = inner.node('Squeeze', [cropped, inner.int64s([0])]);
      return [
        { name: inner.node('Identity', [condition!]), dtype: 'bool' },
        { name: picture, dtype: 'float' },
      ];
    },
  );
  const looped = builder.node('Loop', [count, builder.scalar('bool', 1)], { body: { graph: body } });
  // A loop without iterations knows neither the size nor the channels of its result.
  const channels = builder.node('Shape', [image], { start: { int: 3 } });
  const shape = builder.node('Concat', [builder.int64s([-1]), size, channels], { axis: { int: 0 } });
  const isEmpty = builder.node('Equal', [count, builder.scalar('int64', 0)]);
  const none = builder.subgraph([], (inner) => {
    const sizes = inner.node('Concat', [inner.int64s([0]), size, channels], { axis: { int: 0 } });
    return [{ name: inner.node('ConstantOfShape', [sizes]), dtype: 'float' }];
  });
  const some = builder.subgraph([], (inner) => [{ name: inner.node('Reshape', [looped, shape]), dtype: 'float' }]);
  return [builder.node('If', [isEmpty], { then_branch: { graph: none }, else_branch: { graph: some } })];
};

/** Rows that boxes name, with those that don't exist replaced by the first and reported. */
function checkedRows(builder: OnnxBuilder, context: EmitContext, image: OnnxValue, rows: OnnxValue): OnnxValue {
  const limit = builder.node('Squeeze', [builder.node('Shape', [image], { end: { int: 1 } })]);
  const zero = builder.scalar('int64', 0);
  const isInside = builder.node('And', [
    builder.node('GreaterOrEqual', [rows, zero]),
    builder.node('Less', [rows, limit]),
  ]);
  if (context.options.guards) {
    const bytes = cast(builder, isInside, 'bool', 'uint8');
    const least = builder.node('ReduceMin', [bytes], { keepdims: { int: 0 } });
    builder.guard(cast(builder, least, 'uint8', 'bool'), 'box_index has values outside [0, batch_size)');
  }
  return builder.node('Where', [isInside, rows, zero]);
}

/** Emitters of crops. */
export const crops: EmitterTable = { CropAndResize: cropAndResize };
