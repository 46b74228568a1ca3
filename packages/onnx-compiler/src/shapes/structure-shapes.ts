/** Shapes of constants, shape operations and parsers. */
import { dataTypeInfo } from '@serving/core/tensor';
import { boolAttribute, intAttribute, shapesAttribute } from '../graph/attribute-readers.js';
import { forAll, type ShapeFunction, type ShapeFunctions, scalars } from './shape-function.js';

const vectorsOfShape: ShapeFunction = (context) =>
  context.node.outputs.map((_, i) => [context.shape(i)?.length ?? context.unknown(i, 0)]);

/** Dense features of `tf.Example`s have a row for each; sparse and ragged ones are known by their file's shapes. */
const parseExample: ShapeFunction = (context) => {
  const examples = context.shape(0);
  if (examples === undefined) return [];
  const shapes = shapesAttribute(context.node.attributes, 'dense_shapes', []);
  const sparse = intAttribute(context.node.attributes, 'num_sparse', 0) * 3;
  return context.node.outputs.map((_, i) => {
    const dense = shapes[i - sparse];
    if (i < sparse || i >= sparse + shapes.length || dense === undefined) return undefined;
    return [...examples, ...dense.map((size, d) => (size < 0 ? context.unknown(i, d + examples.length) : size))];
  });
};

/** Bits of wider elements are a dimension of their own. */
const bitcast: ShapeFunction = (context) => {
  const shape = context.shape(0);
  const { node: source, index } = context.node.inputs[0]!;
  const [from, to] = [source.outputs[index]!.dtype, context.node.outputs[0]!.dtype].map(
    (dtype) => dataTypeInfo(dtype).array?.BYTES_PER_ELEMENT ?? 0,
  ) as [number, number];
  if (shape === undefined || from === 0 || to === 0) return [undefined];
  if (from === to) return [shape];
  return [from > to ? [...shape, from / to] : shape.slice(0, -1)];
};

/** Shape functions of constants, shape operations and parsers. */
export const structureShapes: ShapeFunctions = {
  Const: ({ node }) => [node.constant?.shape],
  ...forAll(['Shape', 'ShapeN'], vectorsOfShape),
  ...forAll(['Size', 'Rank', 'LookupTableSizeV2', 'Assert'], scalars),
  BroadcastArgs: (context) => {
    const [a, b] = [context.shape(0)?.[0], context.shape(1)?.[0]];
    const isKnown = typeof a === 'number' && typeof b === 'number';
    return [[isKnown ? Math.max(a, b) : context.unknown(0, 0)]];
  },
  ParseExampleV2: parseExample,
  _Recurrent: (context) => {
    const [steps, rows] = context.shape(0) ?? [context.unknown(0, 0), context.unknown(0, 1)];
    const hidden = intAttribute(context.node.attributes, 'hidden_size');
    return context.node.outputs.map((_, i) => (i === 0 ? [steps!, rows!, hidden] : [rows!, hidden]));
  },
  Bitcast: bitcast,
  _ScanResult: (context) => {
    const rows = context.shape(0);
    if (!boolAttribute(context.node.attributes, 'keeps_last')) return [rows];
    return [rows && [1, ...rows.slice(1)]];
  },
};
