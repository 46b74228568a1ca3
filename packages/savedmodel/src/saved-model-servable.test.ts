import { ServingError } from '@serving/core';
import { isInferenceServable, type Signature, type SignatureDef, type TensorInfo } from '@serving/core/extend';
import { createTensor, type NamedTensors } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { FakeSession } from './fake-runtime.test-support.js';
import { SavedModelServable, type SavedModelServableOptions } from './saved-model-servable.js';

const info = (name: string, dtype = 1): TensorInfo => ({ name, dtype });
const one = createTensor('float', [], new Float32Array([1]));
const two = createTensor('float', [], new Float32Array([2]));

const infos = {
  b: info('b:0'),
  a: info('a:0'),
  sparse: { cooSparse: { valuesTensorName: 'v', indicesTensorName: 'i', denseShapeTensorName: 'd' }, dtype: 1 },
  ragged: { compositeTensor: { components: [] }, dtype: 0 },
  nothing: { dtype: 1 },
  resource: info('r:0', 20),
  untyped: info('u:0', 0),
  nameless: info(''),
} satisfies Record<string, TensorInfo>;

type Alias = keyof typeof infos;

function createServable(
  inputs: readonly Alias[],
  outputs: readonly Alias[],
  options?: SavedModelServableOptions,
): { session: FakeSession; servable: SavedModelServable; signature: Signature } {
  const session = new FakeSession();
  const def: SignatureDef = {
    inputs: new Map(inputs.map((alias) => [alias, infos[alias]])),
    outputs: new Map(outputs.map((alias) => [alias, infos[alias]])),
    methodName: 'custom',
    defaults: new Map(),
  };
  const servable = new SavedModelServable(session, new Map([['s', def]]), options);
  return { session, servable, signature: servable.signatures.get('s')! };
}

const named = (values: NamedTensors): NamedTensors => Object.assign(Object.create(null), values);

describe('SavedModelServable', () => {
  it('is an InferenceServable with the signatures and SignatureDefs of the file', () => {
    const { servable, signature } = createServable(['a'], ['b']);
    expect(isInferenceServable(servable)).toBe(true);
    expect(signature).toMatchObject({ name: 's', methodName: 'custom' });
    expect(servable.signatureDefs.get('s')!.inputs.get('a')).toBe(infos.a);
  });

  it('feeds and fetches in the order of the signature and names the results', async () => {
    const { servable, session, signature } = createServable(['b', 'a'], ['a', 'b']);
    const outputs = await servable.run(signature, named({ a: one, b: two }));
    expect(session.prepared).toEqual([{ feeds: ['b:0', 'a:0'], fetches: ['a:0', 'b:0'] }]);
    expect(session.runs[0]!.values).toEqual([two, one]);
    expect(Object.getPrototypeOf(outputs)).toBeNull();
    expect(Object.keys(outputs)).toEqual(['a', 'b']);
  });

  it('looks tensors up at the first run only, per choice of outputs', async () => {
    const { servable, session, signature } = createServable(['a'], ['a', 'b']);
    expect(session.prepared).toEqual([]);
    for (const outputs of [undefined, ['b'], undefined, [], ['b']]) {
      await servable.run(signature, named({ a: one }), outputs && { outputs });
    }
    expect(session.prepared.map(({ fetches }) => fetches)).toEqual([['a:0', 'b:0'], ['b:0']]);
    expect(session.runs).toHaveLength(5);
  });

  it('fetches only the outputs asked for', async () => {
    const { servable, signature } = createServable(['a'], ['a', 'b']);
    expect(Object.keys(await servable.run(signature, named({ a: one }), { outputs: ['b'] }))).toEqual(['b']);
  });

  it('keeps a bounded number of choices of outputs ready', async () => {
    const { servable, session, signature } = createServable(['a'], ['a', 'b']);
    const choices = Array.from({ length: 70 }, (_, i) => Array.from({ length: i + 1 }, () => 'a'));
    for (const outputs of [...choices, ...choices]) await servable.run(signature, named({ a: one }), { outputs });
    expect(session.prepared).toHaveLength(70 + 6);
  });

  it('hands signal and deadline on', async () => {
    const { servable, session, signature } = createServable(['a'], ['a']);
    const options = { signal: new AbortController().signal, deadline: 5 };
    await servable.run(signature, named({ a: one }), options);
    expect(session.runs[0]!.options).toMatchObject(options);
  });

  it('runs a signature without inputs', async () => {
    const { servable, session, signature } = createServable([], ['a']);
    await servable.run(signature, named({}));
    expect(session.runs[0]!.values).toEqual([]);
  });

  it('passes the errors of the runtime on as they are', async () => {
    const { servable, session, signature } = createServable(['a'], ['a']);
    session.runError = new ServingError('FAILED_PRECONDITION', 'Could not find variable v');
    await expect(servable.run(signature, named({ a: one }))).rejects.toBe(session.runError);
  });

  it.each<[string, Alias[], Alias[], string, string]>([
    ['a sparse input', ['sparse'], ['a'], 'INVALID_ARGUMENT', 'The input sparse of signature s is a sparse tensor'],
    [
      'a composite input',
      ['ragged'],
      ['a'],
      'INVALID_ARGUMENT',
      'The input ragged of signature s is a composite tensor',
    ],
    [
      'an input without a tensor',
      ['nothing'],
      ['a'],
      'INVALID_ARGUMENT',
      'The input nothing of signature s is without a',
    ],
    [
      'a resource input',
      ['resource'],
      ['a'],
      'UNIMPLEMENTED',
      'The input resource of signature s has type DT_RESOURCE',
    ],
    ['a sparse output', ['a'], ['a', 'sparse'], 'UNIMPLEMENTED', 'The output sparse of signature s is a sparse tensor'],
    [
      'a composite output',
      ['a'],
      ['ragged'],
      'UNIMPLEMENTED',
      'The output ragged of signature s is a composite tensor',
    ],
    [
      'a resource output',
      ['a'],
      ['resource'],
      'UNIMPLEMENTED',
      'The output resource of signature s has type DT_RESOURCE',
    ],
    ['a name that the graph lacks', ['nameless'], ['a'], 'INVALID_ARGUMENT', 'A tensor without a name'],
  ])('refuses %s when it is used', async (_, inputs, outputs, code, message) => {
    const { servable, signature } = createServable(inputs, outputs);
    const values = named(Object.fromEntries(inputs.map((alias) => [alias, one])));
    await expect(async () => servable.run(signature, values)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('runs a signature with an output that cannot be fetched when others are asked for', async () => {
    const { servable, signature } = createServable(['a'], ['a', 'resource', 'sparse']);
    const outputs = await servable.run(signature, named({ a: one }), { outputs: ['a'] });
    expect(Object.keys(outputs)).toEqual(['a']);
  });

  it('leaves tensors without a declared type to the runtime', async () => {
    const { servable, session, signature } = createServable(['untyped'], ['untyped']);
    await servable.run(signature, named({ untyped: one }));
    expect(session.runs).toHaveLength(1);
  });

  it('refuses an unknown output, a missing input and an unknown signature', async () => {
    const { servable, signature } = createServable(['a'], ['a']);
    await expect(async () => servable.run(signature, named({ a: one }), { outputs: ['z'] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'output tensor alias not found in signature: z',
    });
    await expect(async () => servable.run(signature, named({}))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'Missing input: a',
    });
    await expect(async () => servable.run({ ...signature, name: 'other' }, named({ a: one }))).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'Serving signature key "other" not found.',
    });
  });

  it('checks the method name only when told to', async () => {
    const lenient = createServable(['a'], ['a']);
    await expect(lenient.servable.run(lenient.signature, named({ a: one }))).resolves.toBeDefined();
    const strict = createServable(['a'], ['a'], { enableSignatureMethodNameCheck: true });
    await expect(async () => strict.servable.run(strict.signature, named({ a: one }))).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('Was: custom'),
    });
  });

  it('closes its session', async () => {
    const { servable, session } = createServable(['a'], ['a']);
    await servable.close();
    expect(session.closed).toBe(1);
  });
});
