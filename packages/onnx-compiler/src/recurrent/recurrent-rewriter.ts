/** Replaces loops of recurrent layers by one operation for all steps. */
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { constantNode } from '../graph/new-node.js';
import { makeNode, typeValue } from '../op-defs/make-node.js';
import { type GraphView, sameEndpoint } from '../rewrite/graph-view.js';
import { transposed } from './affine-form.js';
import { type Cell, gruCell, lstmCell, simpleCell } from './recurrent-cell.js';
import { type RecurrentLoop, recurrentLoop } from './recurrent-loop.js';
import { dependsOnDataSizes, isRowCountOf } from './step-count.js';

/** A `While` that is an LSTM, GRU or simple layer, as `_Recurrent`: outputs are the state after each step, then the last states. */
export function foldRecurrent(node: GraphNode, view: GraphView): readonly Endpoint[] | undefined {
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
  if (!unusedOutputs(node, loop, view)) return undefined;
  const [masked = 'repeat', ...others] = new Set(loop.collected.map((each) => each.masked));
  if (others.length > 0) return undefined;
  const layer = layerNode(node, loop, cell, {
    hidden,
    width,
    masked,
    initial: [h, ...(c ? [c] : [])].map(({ index }) => node.inputs[index]!),
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

interface LayerOptions {
  readonly hidden: number;
  readonly width: number;
  readonly masked: string;
  readonly initial: readonly Endpoint[];
}

function layerNode(
  { name }: GraphNode,
  loop: RecurrentLoop,
  cell: Cell,
  { hidden, width, masked, initial }: LayerOptions,
): GraphNode {
  const { gates } = cell;
  const dtype = 'float' as const;
  const weight = (label: string, shape: readonly number[], data: Float64Array): Endpoint => {
    return { node: constantNode(`${name}/${label}`, { dtype, shape, data: Float32Array.from(data) }), index: 0 };
  };
  const stacked = (part: 'input' | 'state', columns: number): Float64Array =>
    joined(gates.map((gate) => (gate[part] ? transposed(gate[part]).data : new Float64Array(hidden * columns))));
  const biases = (part: 'inputBias' | 'stateBias'): Float64Array[] =>
    gates.map((gate) => gate[part] ?? new Float64Array(hidden));
  const count = gates.length * hidden;
  const inputs = [
    wholeSequence(name, loop),
    weight('input_weights', [1, count, width], stacked('input', width)),
    weight('state_weights', [1, count, hidden], stacked('state', hidden)),
    weight('biases', [1, 2 * count], joined([...biases('inputBias'), ...biases('stateBias')])),
    ...initial,
    ...(loop.mask ? [loop.mask] : []),
  ];
  const attributes: Record<string, AttributeValue> = {
    kind: textValue(cell.kind),
    hidden_size: { kind: 'int', value: BigInt(hidden) },
    activations: { kind: 'list', value: cell.activations.map(({ name: activation }) => textValue(activation)) },
    alphas: { kind: 'list', value: parameters(cell, 'alpha') },
    betas: { kind: 'list', value: parameters(cell, 'beta') },
    resets_after: { kind: 'bool', value: cell.resetsAfter },
    masked: textValue(loop.mask ? masked : 'none'),
    may_be_empty: { kind: 'bool', value: dependsOnDataSizes(loop.sequence) },
  };
  const states = initial.map(() => ({ dtype, shape: [-1, hidden] }));
  const outputs = [{ dtype, shape: [-1, -1, hidden] }, ...states];
  return { op: '_Recurrent', name, attributes: new Map(Object.entries(attributes)), inputs, outputs };
}

function textValue(text: string): AttributeValue {
  return { kind: 'bytes', value: Buffer.from(text) };
}

/** Of the activations that have them, in their order. */
function parameters({ activations }: Cell, name: 'alpha' | 'beta'): AttributeValue[] {
  return activations.flatMap((activation) => {
    const value = activation[name];
    return value === undefined ? [] : [{ kind: 'float' as const, value }];
  });
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const result = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

/** As many steps as the loop makes. */
function wholeSequence(name: string, { sequence, steps }: RecurrentLoop): Endpoint {
  if (isRowCountOf(steps, sequence)) return sequence;
  const vector = (label: string, values: number[]): Endpoint => ({
    node: constantNode(`${name}/${label}`, { dtype: 'int32', shape: [1], data: Int32Array.from(values) }),
    index: 0,
  });
  const int32 = typeValue('int32');
  const end = makeNode(`${name}/end`, 'Reshape', [steps, vector('vector', [1])], { T: int32 });
  const inputs = [sequence, vector('first', [0]), { node: end, index: 0 }, vector('stride', [1])];
  return { node: makeNode(`${name}/steps`, 'StridedSlice', inputs, { T: typeValue('float'), Index: int32 }), index: 0 };
}
