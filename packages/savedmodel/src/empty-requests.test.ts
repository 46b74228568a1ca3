import { ServingError } from '@serving/core';
import { PREDICT_METHOD_NAME, type Signature, type SignatureDef, type TensorSpec } from '@serving/core/extend';
import {
  createTensor,
  type NamedTensors,
  type PartialShape,
  StringArray,
  type Tensor,
  type TensorDataType,
} from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { EmptyRequests, type EmptyRequestsRule, paddedSignatures, withOneRow, withoutRows } from './empty-requests.js';
import { FakeSession } from './fake-runtime.test-support.js';
import { graphOf, node } from './graph/graph.test-support.js';
import { RunEffectsOfGraph } from './graph/run-effects.js';
import { SavedModelServable } from './saved-model-servable.js';

const named = (tensors: Record<string, Tensor>): NamedTensors => Object.assign(Object.create(null), tensors);
const specs = (shapes: Record<string, PartialShape>): ReadonlyMap<string, TensorSpec> =>
  new Map(Object.entries(shapes).map(([name, shape]) => [name, { name, dtype: 'float', shape }]));
const infos = (shapes: Record<string, PartialShape>): SignatureDef['inputs'] =>
  new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      {
        name: `${name}:0`,
        dtype: 1,
        tensorShape: {
          unknownRank: shape === undefined,
          dim: (shape ?? []).map((n) => ({ size: BigInt(n), name: '' })),
        },
      },
    ]),
  );
const graph = graphOf(
  [
    node('x', 'Placeholder'),
    node('y', 'Relu', ['x']),
    node('convolved', 'Conv2D', ['x']),
    node('random', 'RandomUniform', ['x']),
  ],
  [],
  { Relu: {}, Conv2D: {}, Placeholder: {}, RandomUniform: { isStateful: true } },
);
const empty = (dtype: Exclude<TensorDataType, 'string'>, ...shape: number[]): Tensor =>
  createTensor(dtype, [0, ...shape], new Float32Array(0) as never);

function isPadded(
  inputs: Record<string, PartialShape>,
  outputs: Record<string, PartialShape>,
  request: NamedTensors,
  rule: EmptyRequestsRule = 'always',
): boolean {
  const signature: Signature = {
    name: 's',
    methodName: PREDICT_METHOD_NAME,
    inputs: specs(inputs),
    outputs: specs(outputs),
    defaults: new Map(),
  };
  const def: SignatureDef = {
    inputs: infos(inputs),
    outputs: infos(outputs),
    methodName: PREDICT_METHOD_NAME,
    defaults: new Map(),
  };
  const padded = paddedSignatures(
    new RunEffectsOfGraph(graph),
    new Map([['s', signature]]),
    new Map([['s', def]]),
    rule,
  );
  return new EmptyRequests(padded).isPadded(signature, request);
}

describe('EmptyRequests', () => {
  const none = named({ x: empty('float', 2) });

  it('pads a request without rows where rows are free', () => {
    expect(isPadded({ x: [-1, 2] }, { y: [-1, 2] }, none)).toBe(true);
  });

  it.each<[string, Record<string, PartialShape>, Record<string, PartialShape>, NamedTensors]>([
    ['that has rows', { x: [-1, 2] }, { y: [-1, 2] }, named({ x: createTensor('float', [1, 2], new Float32Array(2)) })],
    [
      'of which one input has rows',
      { x: [-1, 2], z: [-1] },
      { y: [-1] },
      named({ ...none, z: createTensor('float', [1], new Float32Array(1)) }),
    ],
    ['to a signature of a fixed number of rows', { x: [0, 2] }, { y: [-1, 2] }, none],
    ['to a signature with an output of a fixed number of rows', { x: [-1, 2] }, { y: [1, 2] }, none],
    ['to a signature with a scalar output', { x: [-1, 2] }, { y: [] }, none],
    ['to a signature with an input of unknown rank', { x: undefined }, { y: [-1, 2] }, none],
    ['to a signature without inputs', {}, { y: [-1, 2] }, named({})],
    ['to a stateful signature', { x: [-1, 2] }, { random: [-1, 2] }, none],
  ])('pads no request %s', (_, inputs, outputs, request) => {
    expect(isPadded(inputs, outputs, request)).toBe(false);
  });

  it('pads where it is needed the requests that a convolution would answer in a wrong shape, and no others', () => {
    expect(isPadded({ x: [-1, 2] }, { convolved: [-1, 2] }, none, 'where-needed')).toBe(true);
    expect(isPadded({ x: [-1, 2] }, { y: [-1, 2] }, none, 'where-needed')).toBe(false);
  });

  it('makes no large row of a size that the request chooses', () => {
    const large = named({ x: empty('float', 2 ** 20 + 1) });
    expect(isPadded({ x: [-1, -1] }, { y: [-1, -1] }, large)).toBe(false);
    expect(isPadded({ x: [-1, 2 ** 20 + 1] }, { y: [-1, -1] }, large)).toBe(true);
    expect(isPadded({ x: [-1, -1] }, { y: [-1, -1] }, named({ x: empty('float', 2 ** 20) }))).toBe(true);
  });
});

describe('withOneRow and withoutRows', () => {
  it('add a row of zeros and empty strings, and cut it off', () => {
    const strings = createTensor('string', [0, 2], new StringArray(new Uint8Array(0), new Uint32Array(1)));
    const padded = withOneRow(named({ x: empty('float', 3), s: strings }));
    expect(padded.x).toEqual({ dtype: 'float', shape: [1, 3], data: new Float32Array(3) });
    expect((padded.s!.data as StringArray).toStrings()).toEqual(['', '']);
    const cut = withoutRows(padded)!;
    expect(cut.x).toEqual({ dtype: 'float', shape: [0, 3], data: new Float32Array(0) });
    expect([cut.s!.shape, cut.s!.data.length]).toEqual([[0, 2], 0]);
  });

  it.each([[[2, 3]], [[]]])('an output of shape %j is none of one row', (shape) => {
    const size = shape.reduce((a: number, b: number) => a * b, 1);
    expect(withoutRows(named({ y: createTensor('float', shape, new Float32Array(size)) }))).toBeUndefined();
  });
});

describe('SavedModelServable, of a request without rows', () => {
  const shapes = { x: [-1, 2] };
  const def: SignatureDef = {
    inputs: infos(shapes),
    outputs: infos({ y: [-1, 2] }),
    methodName: PREDICT_METHOD_NAME,
    defaults: new Map(),
  };
  const create = (): { session: FakeSession; servable: SavedModelServable; signature: Signature } => {
    const session = new FakeSession();
    const servable = new SavedModelServable(session, new Map([['s', def]]), { graph, model: 'm' });
    return { session, servable, signature: servable.signatures.get('s')! };
  };
  const shapesOf = ({ runs }: FakeSession): unknown => runs.map(({ values }) => values[0]!.shape);
  const none = named({ x: empty('float', 2) });

  it('runs one row and cuts it off', async () => {
    const { session, servable, signature } = create();
    const outputs = await servable.run(signature, none);
    expect(outputs.y).toEqual({ dtype: 'float', shape: [0, 2], data: new Float32Array(0) });
    expect(shapesOf(session)).toEqual([[1, 2]]);
  });

  it('runs it as it came where the padded run fails, whose error is the answer then', async () => {
    const { session, servable, signature } = create();
    session.runError = new ServingError('INVALID_ARGUMENT', 'no zeros, please');
    await expect(servable.run(signature, none)).rejects.toThrow('no zeros, please');
    expect(shapesOf(session)).toEqual([
      [1, 2],
      [0, 2],
    ]);
  });

  it.each(['CANCELLED', 'DEADLINE_EXCEEDED'] as const)('runs no more after %s', async (code) => {
    const { session, servable, signature } = create();
    session.runError = new ServingError(code, 'over');
    await expect(servable.run(signature, none)).rejects.toMatchObject({ code });
    expect(session.runs).toHaveLength(1);
  });
});
