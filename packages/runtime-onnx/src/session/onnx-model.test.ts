import { readFile } from 'node:fs/promises';
import type { ServingError } from '@serving/core';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import type { RunMode } from '@serving/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { fixtureModel } from '../fixtures.test-support.js';
import { graphBytes, modelBytes, nodeBytes, tensorBytes, valueBytes } from '../model-file/model-bytes.test-support.js';
import { openOnnxContext } from '../open-onnx-context.js';
import { OnnxModel } from './onnx-model.js';

const models: OnnxModel[] = [];

async function load(name: string, runMode: RunMode = 'auto'): Promise<OnnxModel> {
  const model = await OnnxModel.load(await openOnnxContext({ runMode }), { path: fixtureModel(name) });
  models.push(model);
  return model;
}

afterEach(async () => {
  for (const model of models.splice(0)) await model.close();
});

const floats = (...values: number[]): Tensor => createTensor('float', [values.length, 1], Float32Array.from(values));

describe('OnnxModel', () => {
  it('describes its inputs and outputs, with names of dimensions', async () => {
    const { inputs, outputs } = await load('half_plus_two');
    const described = { dtype: 'float', type: 'float', shape: [-1, 1], dimensionNames: ['batch', ''] };
    expect({ inputs, outputs }).toEqual({
      inputs: [{ name: 'x', ...described }],
      outputs: [{ name: 'y', ...described }],
    });
  });

  it.each(['thread', 'inline', 'auto'] as const)('runs with any number of rows, %s', async (runMode) => {
    const run = (await load('half_plus_two', runMode)).prepare(['x'], ['y']);
    for (let i = 0; i < 40; i++) {
      expect(await run.run([floats(1, 2, 5)])).toEqual([floats(2.5, 3, 4.5)]);
      expect(await run.run([floats(i)])).toEqual([floats(i / 2 + 2)]);
    }
  });

  it('loads a model from bytes', async () => {
    const bytes = await readFile(fixtureModel('half_plus_two'));
    const model = await OnnxModel.load(await openOnnxContext(), { bytes });
    models.push(model);
    expect(await model.prepare(['x'], ['y']).run([floats(4)])).toEqual([floats(4)]);
  });

  it('gives overlapping runs their own results', async () => {
    const run = (await load('half_plus_two', 'thread')).prepare(['x'], ['y']);
    const results = await Promise.all(Array.from({ length: 50 }, (_, i) => run.run([floats(i)])));
    expect(results).toEqual(Array.from({ length: 50 }, (_, i) => [floats(i / 2 + 2)]));
  });

  const values: readonly Tensor[] = [
    createTensor('float', [2], Float32Array.of(-0, Number.NaN)),
    createTensor('uint8', [2], Uint8Array.of(0, 255)),
    createTensor('int8', [2], Int8Array.of(-128, 127)),
    createTensor('uint16', [2], Uint16Array.of(0, 65535)),
    createTensor('int16', [2], Int16Array.of(-32768, 32767)),
    createTensor('int32', [2], Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
    createTensor('int64', [2], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)),
    createTensor('string', [3], StringArray.from(['a', 'é\0b', ''])),
    createTensor('bool', [2], Uint8Array.of(0, 1)),
    createTensor('half', [2], Uint16Array.of(0x3c00, 0xfc00)),
    createTensor('double', [2], Float64Array.of(Number.MIN_VALUE, Number.MAX_VALUE)),
    createTensor('uint32', [2], Uint32Array.of(0, 2 ** 32 - 1)),
    createTensor('uint64', [2], BigUint64Array.of(0n, 2n ** 64n - 1n)),
    createTensor('bfloat16', [2], Uint16Array.of(0x3f80, 0xff80)),
  ];
  const onnxNames = values.map(({ dtype }) => (dtype === 'half' ? 'float16' : dtype));
  const outputNames = onnxNames.map((name) => `${name}_out`);
  const withInstead = (tensor: Tensor): Tensor[] => values.map((each) => (each.dtype === tensor.dtype ? tensor : each));
  const bool = onnxNames.indexOf('bool');

  it.each(['inline', 'thread'] as const)('takes and returns every dtype exactly, %s', async (runMode) => {
    const run = (await load('dtypes', runMode)).prepare(onnxNames, outputNames);
    expect(await run.run(values)).toEqual(values);
    expect(await run.run(values)).toEqual(values);
  });

  it('takes any byte but 0 of a bool tensor for true', async () => {
    const run = (await load('dtypes')).prepare(onnxNames, outputNames);
    const results = await run.run(withInstead(createTensor('bool', [4], Uint8Array.of(0, 1, 2, 255))));
    expect(results[bool]!.data).toEqual(Uint8Array.of(0, 1, 1, 1));
  });

  it('keeps an output that is an input when the next run has other values', async () => {
    const run = (await load('dtypes', 'inline')).prepare(onnxNames, outputNames);
    const first = await run.run(values);
    await run.run(withInstead(createTensor('bool', [2], Uint8Array.of(1, 0))));
    expect(first[bool]!.data).toEqual(Uint8Array.of(0, 1));
  });

  describe.each(['inline', 'thread'] as const)('runs with inputs of the same shapes, %s', (runMode) => {
    it('return results that later runs leave as they are', async () => {
      const run = (await load('half_plus_two', runMode)).prepare(['x'], ['y']);
      const results: Tensor[] = [];
      for (let i = 0; i < 6; i++) results.push(...(await run.run([floats(i, -i)])));
      for (const [i, result] of results.entries()) expect(result).toEqual(floats(i / 2 + 2, -i / 2 + 2));
      expect(await run.run([floats(1)])).toEqual([floats(2.5)]);
      expect(await run.run([floats(1, 2)])).toEqual([floats(2.5, 3)]);
    });

    it('return outputs whose shapes follow from values', async () => {
      const run = (await load('nonzero', runMode)).prepare(['x'], ['places']);
      const columns = async (...x: bigint[]): Promise<number[]> => {
        const [places] = await run.run([createTensor('int64', [1, x.length], BigInt64Array.from(x))]);
        expect(places!.shape).toEqual([2, places!.data.length / 2]);
        return Array.from(places!.data as BigInt64Array, Number).slice(places!.shape[1]);
      };
      for (let i = 0; i < 3; i++) expect(await columns(0n, 5n, 6n)).toEqual([1, 2]);
      expect(await columns(4n, 5n, 6n)).toEqual([0, 1, 2]);
      for (let i = 0; i < 3; i++) expect(await columns(0n, 0n, 6n)).toEqual([2]);
      expect(await columns(0n, 0n, 0n)).toEqual([]);
    });

    it('fail of their own values only', async () => {
      const run = (await load('lookup', runMode)).prepare(['ids'], ['y']);
      const ids = (id: bigint): Tensor[] => [createTensor('int64', [1], BigInt64Array.of(id))];
      const found = [createTensor('float', [1], Float32Array.of(12))];
      for (let i = 0; i < 12; i++) {
        const answer = (async () => run.run(ids(i % 4 === 3 ? 7n : 2n)))();
        if (i % 4 === 3) await expect(answer).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
        else expect(await answer).toEqual(found);
      }
    });

    it('return outputs that are inputs, initializers, or asked for twice', async () => {
      const three = tensorBytes('three', 1, [1], new Uint8Array(Float32Array.of(3).buffer));
      const graph = graphBytes({
        nodes: [nodeBytes('Add', ['x', 'x'], ['y'])],
        initializers: [three],
        inputs: [valueBytes('x', 1, ['batch'])],
        outputs: ['x', 'y', 'three'].map((name) => valueBytes(name, 1, ['size'])),
      });
      const model = await OnnxModel.load(await openOnnxContext({ runMode }), { bytes: modelBytes(graph) });
      models.push(model);
      const runs = [
        ['x', 'y'],
        ['y', 'three'],
        ['y', 'y'],
      ].map((names) => model.prepare(['x'], names));
      for (let i = 1; i < 6; i++) {
        const [x, y, three] = [i, i + i, 3].map((value) => createTensor('float', [1], Float32Array.of(value)));
        expect(await Promise.all(runs.map((run) => run.run([x!])))).toEqual([
          [x, y],
          [y, three],
          [y, y],
        ]);
      }
    });
  });

  const bad: readonly (readonly [what: string, values: readonly Tensor[], message: string])[] = [
    [
      'a tensor without elements',
      [createTensor('float', [0, 1], new Float32Array(0))],
      'Input "x": ONNX Runtime can\'t take a tensor without elements (shape [0,1])',
    ],
    [
      'data of another length',
      [{ dtype: 'float', shape: [2, 1], data: Float32Array.of(1) }],
      'Input "x": A float tensor of shape [2,1] holds 2 values; its data is a Float32Array of 1',
    ],
    ['no value', [], 'Expected 1 inputs, got 0'],
  ];

  it.each(bad)('refuses %s', async (_, tensors, message) => {
    const run = (await load('half_plus_two', 'thread')).prepare(['x'], ['y']);
    await expect(run.run(tensors)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
    expect(await run.run([floats(2)])).toEqual([floats(3)]);
  });

  it('names the node whose kernel refuses a value of the request', async () => {
    const ids = createTensor('int64', [1], BigInt64Array.of(7n));
    const failing = (await load('lookup', 'thread')).prepare(['ids'], ['y']).run([ids]);
    await expect(failing).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message:
        'Gather (node embed): indices element out of data bounds, idx=7 must be within the inclusive range [-3,2]',
    });
  });

  it('names the inputs and outputs that there are', async () => {
    const model = await load('half_plus_two');
    expect(() => model.prepare(['z'], ['y'])).toThrow('The model has no input "z"; it has "x"');
    expect(() => model.prepare(['x'], ['z'])).toThrow('The model has no output "z"; it has "y"');
    expect(() => model.prepare([], ['y'])).toThrow('The model\'s input "x" must be fed');
  });

  it('rejects a load of bytes that are not a model', async () => {
    const context = await openOnnxContext();
    await expect(OnnxModel.load(context, { bytes: new Uint8Array(8) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
    await expect(OnnxModel.load(context, { path: '/nowhere/model.onnx' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a run that is given up', () => {
  const x = [createTensor('float', [1], Float32Array.of(0.001))];

  it('rejects at once when its signal aborts, and its thread is soon free', async () => {
    const model = await load('slow', 'thread');
    const aborting = new AbortController();
    const run = model.prepare(['x'], ['y']).run(x, { signal: aborting.signal });
    setImmediate(() => aborting.abort());
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    await model.close();
  });

  it('rejects when its deadline passes, and the next run has its own', async () => {
    const model = await load('slow', 'thread');
    const prepared = model.prepare(['x'], ['y']);
    const late = prepared.run(x, { deadline: performance.now() + 1 });
    await expect(late).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect((await prepared.run(x))[0]!.shape).toEqual([]);
  });

  it('leaves close to wait for runs in flight, and later runs to be refused', async () => {
    const model = await load('slow', 'thread');
    const prepared = model.prepare(['x'], ['y']);
    let isDone = false;
    const run = Promise.resolve(prepared.run(x)).then(() => {
      isDone = true;
    });
    await model.close();
    expect(isDone).toBe(true);
    await run;
    const refused: ServingError = await Promise.resolve(prepared.run(x)).catch((error) => error);
    expect(refused).toMatchObject({ code: 'FAILED_PRECONDITION', message: 'The session is closed' });
    expect(() => model.prepare(['x'], ['y'])).toThrow('The session is closed');
  });
});
