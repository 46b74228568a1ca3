/** `BlockLSTM` and `BlockLSTMV2`: a whole layer as one operation of TensorFlow. */
import { boolAttribute, floatAttribute } from '../graph/attribute-readers.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { type GraphView, shapeOf, typeOf } from '../rewrite/graph-view.js';
import { type Matrix, matrixOf } from './affine-form.js';
import { layerNode } from './layer-node.js';
import type { Cell, Gate } from './recurrent-cell.js';
import type { IsRowCount } from './step-count.js';

/** The output that is the state after each step. The others, which ONNX doesn't give, must be unused. */
const H = 6;

/** @returns a `_Recurrent` in the place of the state's output. */
export function foldBlockLstm(
  node: GraphNode,
  view: GraphView,
  isRowCount: IsRowCount,
): readonly Endpoint[] | undefined {
  if (node.op !== 'BlockLSTM' && node.op !== 'BlockLSTMV2') return undefined;
  if (node.outputs.some((_, index) => index !== H && view.uses({ node, index }) > 0)) return undefined;
  const { attributes, inputs } = node;
  const [steps, sequence, c, h, w, , , , b] = inputs as Endpoint[];
  if (boolAttribute(attributes, 'use_peephole') || floatAttribute(attributes, 'cell_clip') > 0) return undefined;
  if (typeOf(sequence!) !== 'float' || !isRowCount(steps!, sequence!)) return undefined;
  const width = shapeOf(sequence!)?.[2] ?? -1;
  const weights = matrixOf(w!);
  const bias = b!.node.constant?.tensor().data as Float32Array | undefined;
  const hidden = (weights?.columns ?? 0) / 4;
  if (!weights || bias?.length !== 4 * hidden || width < 1 || weights.rows !== width + hidden) return undefined;
  const isSecond = node.op === 'BlockLSTMV2';
  const forgetBias = isSecond ? 0 : floatAttribute(attributes, 'forget_bias');
  const gate = (place: number, added = 0): Gate => ({
    input: part(weights, 0, width, place, hidden),
    state: part(weights, width, hidden, place, hidden),
    inputBias: Float64Array.from(bias.subarray(place * hidden, (place + 1) * hidden), (value) => value + added),
    stateBias: undefined,
  });
  // The first version has the candidate before the forget gate.
  const [f, candidate] = isSecond ? [1, 2] : [2, 1];
  const cell: Cell = {
    kind: 'LSTM',
    gates: [gate(0), gate(3), gate(f, forgetBias), gate(candidate)],
    activations: [{ name: 'Sigmoid' }, { name: 'Tanh' }, { name: 'Tanh' }],
    resetsAfter: false,
  };
  const loop = { sequence: sequence!, mask: undefined };
  const layer = layerNode(node.name, loop, cell, { hidden, width, masked: 'none', initial: [h!, c!] });
  return node.outputs.map((_, index) => (index === H ? { node: layer, index: 0 } : sequence!));
}

/** Rows of a weight matrix, and the columns of one gate. */
function part({ columns, data }: Matrix, row: number, rows: number, gate: number, hidden: number): Matrix {
  const taken = new Float64Array(rows * hidden);
  for (let i = 0; i < rows; i++) {
    const start = (row + i) * columns + gate * hidden;
    taken.set(data.subarray(start, start + hidden), i * hidden);
  }
  return { rows, columns: hidden, data: taken };
}
