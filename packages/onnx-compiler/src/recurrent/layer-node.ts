/** The operation that a recurrent layer becomes. */
import type { AttributeValue } from '../graph/attributes.js';
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { constantNode } from '../graph/new-node.js';
import { transposed } from './affine-form.js';
import type { Cell } from './recurrent-cell.js';
import type { RecurrentLoop } from './recurrent-loop.js';
import { dependsOnDataSizes } from './step-count.js';

/** Of a layer's node. */
export interface LayerOptions {
  readonly hidden: number;
  readonly width: number;
  readonly masked: string;
  readonly initial: readonly Endpoint[];
}

/** What a layer runs over. */
type Sequence = Pick<RecurrentLoop, 'sequence' | 'mask'>;

/** A `_Recurrent` node. */
export function layerNode(
  name: string,
  loop: Sequence,
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
    loop.sequence,
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
