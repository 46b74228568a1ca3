/** Layer normalisation that is written as a batch normalisation with a channel for each row, as Keras 2 does. */
import { boolAttribute, floatAttribute, textAttribute } from '../graph/attribute-readers.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { type GraphView, producer, shapeOf, typeOf, uniformOf } from './graph-view.js';
import { layerNorm, parameter } from './normalization.js';
import type { Rewriter } from './rewriter.js';

const fused = ['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'];

/** `Reshape(x, [1, rows, size, 1]) → FusedBatchNorm of a training step, channels first → Reshape to the shape of x`. */
export const layerNormOfRows: Rewriter = (node, view) => {
  const norm = rowNorm(node, view);
  if (norm === undefined) return undefined;
  const inner = reshapeOf(norm.inputs[0]);
  const x = inner?.inputs[0];
  const [shape, result] = [x && shapeOf(x), shapeOf({ node, index: 0 })];
  const rows = inner && shapeOf({ node: inner, index: 0 });
  if (x === undefined || shape === undefined || rows?.length !== 4 || typeOf(x) !== 'float') return undefined;
  const [first, , size, last] = rows as [number, number, number, number];
  const axis = shape.findIndex(
    (_, i) => shape.slice(i).every((each) => each > 0) && productOf(shape.slice(i)) === size,
  );
  if (first !== 1 || last !== 1 || axis < 1 || String(shape) !== String(result)) return undefined;
  const epsilon = floatAttribute(norm.attributes, 'epsilon', 1e-4);
  const normal = shape.slice(axis);
  return [layerNorm(node, x, parameter(undefined, normal, 1)!, parameter(undefined, normal, 0)!, { axis, epsilon })];
};

const productOf = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);

const reshapeOf = (endpoint: Endpoint | undefined): GraphNode | undefined => producer(endpoint, 'Reshape', '_Reshape');

/** The batch normalisation whose result the node reshapes, when it has neither scale nor offset of its own. */
function rowNorm(node: GraphNode, view: GraphView): GraphNode | undefined {
  if (node.op !== 'Reshape' && node.op !== '_Reshape') return undefined;
  const norm = view.inner(node.inputs[0], ...fused);
  if (norm === undefined || !boolAttribute(norm.attributes, 'is_training', true)) return undefined;
  const isPlain = everywhere(norm.inputs[1], 1) && everywhere(norm.inputs[2], 0);
  const isOfRows = textAttribute(norm.attributes, 'data_format', 'NHWC') === 'NCHW';
  return isPlain && isOfRows ? norm : undefined;
}

/** Whether a constant, or a tensor that is filled in the run, has this number everywhere. */
function everywhere(endpoint: Endpoint | undefined, number: number): boolean {
  const filled = producer(endpoint, 'Fill');
  return uniformOf(filled ? filled.inputs[1] : endpoint) === number;
}
