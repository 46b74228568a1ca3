/** Replaces loops of recurrent layers by one operation for all steps. */
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { type GraphView, sameEndpoint, shapeOf } from '../rewrite/graph-view.js';
import { layerNode } from './layer-node.js';
import { type Cell, gruCell, lstmCell, simpleCell } from './recurrent-cell.js';
import { type RecurrentLoop, recurrentLoop } from './recurrent-loop.js';
import type { IsRowCount } from './step-count.js';

/** A `While` that is an LSTM, GRU or simple layer, as `_Recurrent`: outputs are the state after each step, then the last states. */
export function foldRecurrent(
  node: GraphNode,
  view: GraphView,
  isRowCount: IsRowCount,
): readonly Endpoint[] | undefined {
  if (node.op !== 'While' || !node.subgraphs) return undefined;
  const loop = recurrentLoop(node, view);
  const found = loop && layerOf(loop);
  if (!loop || !found) return undefined;
  const { cell, h, c } = found;
  // ONNX Runtime loads layers of other types and fails when they run.
  if (loop.sequence.node.outputs[loop.sequence.index]!.dtype !== 'float') return undefined;
  const hidden = h.argument.outputs[0]!.shape?.at(-1) ?? -1;
  const width = loop.row.outputs[0]!.shape?.at(-1) ?? -1;
  if (hidden < 1 || width < 1 || !fits(cell, width, hidden)) return undefined;
  if (!isRowCount(loop.steps, loop.sequence) || !unusedOutputs(node, loop, view)) return undefined;
  const initial = [h, ...(c ? [c] : [])].map(({ index }) => node.inputs[index]!);
  if (initial.some((state) => isBroadcast(state, loop.row))) return undefined;
  const [masked = 'repeat', ...others] = new Set(loop.collected.map((each) => each.masked));
  if (others.length > 0) return undefined;
  const layer = layerNode(node.name, loop, cell, {
    hidden,
    width,
    masked,
    initial,
  });
  return node.outputs.map((_, index) => {
    if (index === h.index) return { node: layer, index: 1 };
    if (index === c?.index) return { node: layer, index: 2 };
    return index >= node.inputs.length ? { node: layer, index: 0 } : node.inputs[index]!;
  });
}

interface Layer {
  readonly cell: Cell;
  readonly h: RecurrentLoop['states'][number];
  readonly c: RecurrentLoop['states'][number] | undefined;
}

/** The cell of a loop whose collected values are its state. */
function layerOf({ states, row, collected }: RecurrentLoop): Layer | undefined {
  for (const h of states) {
    if (collected.some(({ value }) => !sameEndpoint(value, h.next))) continue;
    const others = states.filter((state) => state !== h);
    const step = { x: row, h: h.argument, c: others[0]?.argument };
    if (others.length === 0) {
      const cell = gruCell(step, h.next) ?? simpleCell(step, h.next);
      if (cell) return { cell, h, c: undefined };
    } else if (others.length === 1) {
      const cell = lstmCell(step, h.next, others[0]!.next);
      if (cell) return { cell, h, c: others[0] };
    }
  }
  return undefined;
}

/** Only states and collected values are left: what counts steps has no meaning outside. */
function unusedOutputs(node: GraphNode, { states, collected }: RecurrentLoop, view: GraphView): boolean {
  const known = new Set([...states, ...collected].map(({ index }) => index));
  return node.outputs.every((_, index) => {
    if (known.has(index)) return true;
    const isInvariant = node.subgraphs!.body!.results[index]!.node === node.subgraphs!.body!.arguments[index];
    return isInvariant || view.uses({ node, index }) === 0;
  });
}

function fits({ gates }: Cell, width: number, hidden: number): boolean {
  return gates.every(({ input, state, inputBias, stateBias }) => {
    const biases = [inputBias, stateBias].every((bias) => !bias || bias.length === hidden);
    const x = !input || (input.rows === width && input.columns === hidden);
    return biases && x && (!state || (state.rows === hidden && state.columns === hidden));
  });
}

/** One state for all rows, which ONNX's operators don't broadcast. */
function isBroadcast(state: Endpoint, row: GraphNode): boolean {
  return shapeOf(state)?.[0] === 1 && row.outputs[0]!.shape?.[0] !== 1;
}
