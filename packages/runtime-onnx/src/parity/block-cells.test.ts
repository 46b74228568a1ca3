import { createTensor, type Tensor } from '@serving/core/tensor';
import { expect, it } from 'vitest';
import type { AttributeValue } from '../../../onnx-compiler/src/graph/attributes.js';
import { attribute, SavedModelBuilder } from '../../../test-doubles/src/saved-model-builder.js';
import { type CaseTensors, compareModel } from './both-engines.test-support.js';

const WIDTH = 3;
const HIDDEN = 2;

function numbers(shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: count }, (_, i) => Math.sin(seed * 7.1 + i * 3.3) * 1.5);
  return createTensor('float', shape, Float32Array.from(values));
}

interface BlockCase {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Outputs that are fetched. */
  readonly outputs: readonly number[];
}

const cases: readonly BlockCase[] = [
  { op: 'LSTMBlockCell', outputs: [0, 1, 2, 3, 4, 5, 6] },
  {
    op: 'LSTMBlockCell',
    outputs: [1, 6],
    attributes: { forget_bias: attribute.float(0), cell_clip: attribute.float(0.5) },
  },
  { op: 'LSTMBlockCell', outputs: [0, 1, 6], attributes: { use_peephole: attribute.bool(true) } },
  { op: 'GRUBlockCell', outputs: [0, 1, 2, 3] },
  { op: 'BlockLSTM', outputs: [6], attributes: { cell_clip: attribute.float(-1), forget_bias: attribute.float(0.7) } },
  { op: 'BlockLSTMV2', outputs: [6] },
];

/** Weights of a cell, after its state. */
function weightsOf(op: string): Tensor[] {
  if (op === 'GRUBlockCell') {
    const all = WIDTH + HIDDEN;
    return [numbers([all, 2 * HIDDEN], 3), numbers([all, HIDDEN], 4), numbers([2 * HIDDEN], 5), numbers([HIDDEN], 6)];
  }
  const peepholes = [7, 8, 9].map((seed) => numbers([HIDDEN], seed));
  return [numbers([WIDTH + HIDDEN, 4 * HIDDEN], 3), ...peepholes, numbers([4 * HIDDEN], 5)];
}

it.each(cases)('ONNX Runtime answers $op ($outputs) as TensorFlow does', async ({ op, attributes = {}, outputs }) => {
  const isLayer = op.startsWith('Block');
  const model = new SavedModelBuilder();
  const steps = isLayer ? [4] : [];
  const x = model.placeholder('x', 'float', [...steps, -1, WIDTH]);
  const stateCount = op === 'GRUBlockCell' ? 1 : 2;
  const states = Array.from({ length: stateCount }, (_, i) => model.placeholder(`s${i}`, 'float', [-1, HIDDEN]));
  const count: Tensor = createTensor('int64', [], BigInt64Array.of(4n));
  const inputs = [
    ...(isLayer ? [model.constant(count)] : []),
    'x',
    ...states.map((_, i) => `s${i}`),
    ...weightsOf(op).map((weights) => model.constant(weights)),
  ];
  const node = model.node(op, inputs, { T: attribute.type('float'), ...attributes }, 'cell');
  const fetched = outputs.map((index) => ({ tensor: `${node}:${index}`, dtype: 'float' as const, shape: undefined }));
  model.signature(
    { x, ...Object.fromEntries(states.map((state, i) => [`s${i}`, state])) },
    Object.fromEntries(fetched.map((output, i) => [`y${i}`, output])),
  );
  const run: CaseTensors = {
    feeds: ['x:0', ...states.map(({ tensor }) => tensor)],
    fetches: fetched.map(({ tensor }) => tensor),
    values: [numbers([...steps, 3, WIDTH], 1), ...states.map((_, i) => numbers([3, HIDDEN], 11 + i))],
  };
  expect(await compareModel(model, [run], { relative: 1e-5, absolute: 1e-6 })).toEqual([undefined]);
});
