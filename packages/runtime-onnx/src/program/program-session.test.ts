import { readFileSync } from 'node:fs';
import { ServingError } from '@serving/core';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';
import type { RunMode } from '@serving/engine';
import type { KernelStep, ModelStep, Program, ProgramInput } from '@serving/onnx-compiler';
import { afterEach, describe, expect, it } from 'vitest';
import { fixtureModel } from '../fixtures.test-support.js';
import { openOnnxContext } from '../open-onnx-context.js';
import { ProgramSession, type RefusedRun } from './program-session.js';

const sessions: ProgramSession[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
});

async function load(
  program: Program,
  runMode: RunMode = 'auto',
  refused: readonly RefusedRun[] = [],
): Promise<ProgramSession> {
  const session = await ProgramSession.load([program], {
    context: await openOnnxContext({ runMode }),
    options: {},
    refused,
  });
  sessions.push(session);
  return session;
}

const modelStep = (
  fixture: string,
): Pick<ModelStep, 'kind' | 'model' | 'externalWeights' | 'guards' | 'nodeNames'> => ({
  kind: 'model',
  model: readFileSync(fixtureModel(fixture)),
  externalWeights: [],
  guards: [],
  nodeNames: new Map(),
});

const input = { alias: 'x', tensor: 'x:0', dtype: 'float', shape: [-1, 1], batched: true, value: 0 } as const;
const output = { alias: 'y', tensor: 'y:0', dtype: 'float', shape: [-1, 1], batched: true, source: 1 } as const;

const halfPlusTwo: Program = {
  signature: 'serving_default',
  inputs: [input],
  outputs: [output],
  steps: [
    {
      ...modelStep('half_plus_two'),
      inputs: [{ name: 'x', dtype: 'float', shape: [-1, 1], value: 0 }],
      outputs: [{ name: 'y', dtype: 'float', shape: [-1, 1], value: 1 }],
    },
  ],
  valueCount: 2,
  batchable: true,
};

/** Reads numbers from strings, adds half and two, and names the results. */
const worded: Program = {
  ...halfPlusTwo,
  inputs: [{ ...input, dtype: 'string' }],
  outputs: [
    { ...output, source: 2 },
    { ...output, alias: 'text', tensor: 'text:0', dtype: 'string', source: 3 },
    {
      ...output,
      alias: 'unit',
      tensor: 'unit:0',
      dtype: 'string',
      shape: [],
      batched: false,
      source: createTensor('string', [], StringArray.from(['m'])),
    },
  ],
  steps: [
    kernelStep('StringToNumber', 0, 1, ({ data, shape }) =>
      createTensor('float', shape, Float32Array.from(texts(data), Number)),
    ),
    {
      ...(halfPlusTwo.steps[0] as ModelStep),
      inputs: [{ name: 'x', dtype: 'float', shape: [-1, 1], value: 1 }],
      outputs: [{ name: 'y', dtype: 'float', shape: [-1, 1], value: 2 }],
    },
    kernelStep('AsString', 2, 3, ({ data, shape }) =>
      createTensor('string', shape, StringArray.from(Array.from(data as Float32Array, String))),
    ),
  ],
  valueCount: 4,
};

function texts(data: Tensor['data']): string[] {
  return (data as StringArray).toStrings();
}

function kernelStep(op: string, from: number, to: number, compute: (tensor: Tensor) => Tensor): KernelStep {
  return {
    kind: 'kernel',
    op,
    node: `words/${op}`,
    inputs: [from],
    outputs: [to],
    context: { attributes: new Map() },
    kernel: ([tensor]) => [compute(tensor!)],
  };
}

const guarded: Program = {
  ...halfPlusTwo,
  inputs: [{ alias: 'ids', tensor: 'ids:0', dtype: 'int64', shape: [-1, 2], batched: true, value: 0 }],
  outputs: [{ ...output, shape: [-1, 2] }],
  steps: [
    {
      ...modelStep('guarded'),
      inputs: [{ name: 'ids', dtype: 'int64', shape: [-1, 2], value: 0 }],
      outputs: [{ name: 'y', dtype: 'float', shape: [-1, 2], value: 1 }],
      guards: [
        {
          output: 'in_range',
          message: ['indices', { output: 'shown', outside: { min: 0, max: 3 } }, ' is not in [0, 3)'],
        },
      ],
    },
  ],
};

const floats = (...values: number[]): Tensor => createTensor('float', [values.length, 1], Float32Array.from(values));
const ids = (...values: bigint[]): Tensor => createTensor('int64', [values.length / 2, 2], BigInt64Array.from(values));

it('a kernel that checks a condition runs for every output', async () => {
  const check: KernelStep = {
    ...kernelStep('Assert', 0, 0, (x) => x),
    outputs: [],
    kernel: ([x]) => {
      if ((x!.data as Float32Array)[0]! < 0) throw new ServingError('INVALID_ARGUMENT', 'assertion failed: [negative]');
      return [];
    },
  };
  const session = await load({ ...halfPlusTwo, steps: [check, ...halfPlusTwo.steps] });
  const run = session.prepare(['x:0'], ['y:0']);
  await expect(run.run([createTensor('float', [1, 1], Float32Array.of(2))])).resolves.toHaveLength(1);
  await expect(run.run([createTensor('float', [1, 1], Float32Array.of(-1))])).rejects.toThrow(
    'assertion failed: [negative]',
  );
});

describe('a session of compiled signatures', () => {
  it.each([
    [['x'], ['y']],
    [['x:0'], ['y:0']],
    [['x:0'], ['y:0', 'y']],
  ])('runs the signature that takes %j and returns %j', async (feeds, fetches) => {
    const run = (await load(halfPlusTwo)).prepare(feeds, fetches);
    expect(await run.run([floats(1, 2)])).toEqual(fetches.map(() => floats(2.5, 3)));
  });

  it.each(['inline', 'thread'] as const)('runs kernels before and after a model, %s', async (runMode) => {
    const run = (await load(worded, runMode)).prepare(['x'], ['text', 'y', 'unit']);
    const [text, y, unit] = await run.run([createTensor('string', [2, 1], StringArray.from(['1', '5']))]);
    expect([texts(text!.data), y, texts(unit!.data)]).toEqual([['2.5', '4.5'], floats(2.5, 4.5), ['m']]);
  });

  it('returns without a promise what is run inline', async () => {
    const run = (await load(worded, 'inline')).prepare(['x'], ['y']);
    expect(run.run([createTensor('string', [1, 1], StringArray.from(['1']))])).toEqual([floats(2.5)]);
  });

  it('leaves out kernels that no fetch depends on', async () => {
    let calls = 0;
    const counted = (step: KernelStep): KernelStep => ({
      ...step,
      kernel: (inputs, context) => {
        calls++;
        return step.kernel(inputs, context);
      },
    });
    const steps = worded.steps.map((step) => (step.kind === 'kernel' && step.op === 'AsString' ? counted(step) : step));
    const counting: Program = { ...worded, steps };
    const session = await load(counting);
    const words = [createTensor('string', [1, 1], StringArray.from(['1']))];
    await session.prepare(['x'], ['y']).run(words);
    expect(calls).toBe(0);
    await session.prepare(['x'], ['text']).run(words);
    expect(calls).toBe(1);
  });

  it.each([
    [
      'a shape',
      [createTensor('float', [2], Float32Array.of(1, 2))],
      'Input "x" is float of shape [2]; signature "serving_default" expects float of shape [?,1]',
    ],
    [
      'a dtype',
      [createTensor('double', [1, 1], Float64Array.of(1))],
      'Input "x" is double of shape [1,1]; signature "serving_default" expects float of shape [?,1]',
    ],
    ['a number of inputs', [], 'Expected 1 inputs, got 0'],
  ])('refuses %s that is not the signature’s', async (_, values, message) => {
    const run = (await load(halfPlusTwo)).prepare(['x'], ['y']);
    await expect(run.run(values as Tensor[])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
  });

  it('says which tensors can be run for others', async () => {
    const session = await load(halfPlusTwo);
    for (const [feeds, fetches] of [
      [['x'], ['m']],
      [['m'], ['y']],
      [[], ['y']],
    ] as const) {
      expect(() => session.prepare(feeds, fetches)).toThrow(expect.objectContaining({ code: 'UNIMPLEMENTED' }));
    }
    expect(() => session.prepare(['x'], ['m'])).toThrow('No signature takes "x:0" and returns "m:0"');
  });

  it('refuses a signature of which ONNX Runtime refuses the model', async () => {
    const [step] = halfPlusTwo.steps as [ModelStep];
    const damaged = { ...halfPlusTwo, steps: [{ ...step, model: new Uint8Array(8) }] };
    await expect(load(damaged)).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringMatching(/^ONNX Runtime refuses what signature "serving_default" compiles to: /),
    });
  });

  it('answers runs of a refused signature with its reasons', async () => {
    const error = new ServingError('UNIMPLEMENTED', 'Svd (node Svd): no ONNX operator');
    const session = await load(halfPlusTwo, 'auto', [{ feeds: ['z:0'], fetches: ['s:0'], error }]);
    expect(() => session.prepare(['z'], ['s'])).toThrow(error);
  });

  it('refuses runs after close, which waits for those in flight', async () => {
    const session = await load(worded, 'thread');
    const run = session.prepare(['x'], ['text']);
    const words = [createTensor('string', [1, 1], StringArray.from(['1']))];
    const result = run.run(words);
    await session.close();
    expect(texts((await result)[0]!.data)).toEqual(['2.5']);
    await expect(run.run(words)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it('makes one session of equal models', async () => {
    const other = { ...halfPlusTwo, signature: 'other', inputs: [{ ...input, tensor: 'other:0' }] };
    const session = await ProgramSession.load([halfPlusTwo, other], {
      context: await openOnnxContext(),
      options: {},
      refused: [],
    });
    sessions.push(session);
    expect(await session.prepare(['other'], ['y']).run([floats(1)])).toEqual([floats(2.5)]);
  });
});

describe('guards', () => {
  it('let a request pass that they hold for', async () => {
    const run = (await load(guarded)).prepare(['ids'], ['y']);
    const [y] = await run.run([ids(0n, 1n, 2n, 0n)]);
    expect(y!.data).toEqual(Float32Array.of(10, 11, 12, 10));
  });

  it.each(['inline', 'thread'] as const)('name the first value that is out of range, %s', async (runMode) => {
    const run = (await load(guarded, runMode)).prepare(['ids'], ['y']);
    const failing = Promise.resolve(run.run([ids(0n, 1n, 2n, 9n, -1n, 0n)]));
    await expect(failing).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'indices[1,1] = 9 is not in [0, 3)',
    });
  });

  it('check ids against the range of their input first', async () => {
    const ranged: ProgramInput = { ...guarded.inputs[0]!, range: { min: 0, max: 2 } };
    const run = (await load({ ...guarded, inputs: [ranged] })).prepare(['ids'], ['y']);
    await expect(Promise.resolve(run.run([ids(0n, 3n)]))).rejects.toMatchObject({
      message: 'indices[0,1] = 3 is not in [0, 3)',
    });
    expect((await run.run([ids(0n, 2n)]))[0]!.data).toEqual(Float32Array.of(10, 12));
  });
});

describe('a request without rows', () => {
  it('returns no rows of the right shape, whatever guards say of zeros', async () => {
    const run = (await load(guarded)).prepare(['ids'], ['y']);
    expect(await run.run([ids()])).toEqual([createTensor('float', [0, 2], new Float32Array(0))]);
  });

  it('goes through kernels as it is', async () => {
    const run = (await load(worded)).prepare(['x'], ['text', 'y']);
    const [text, y] = await run.run([createTensor('string', [0, 1], StringArray.from([]))]);
    expect([text!.shape, texts(text!.data), y!.shape]).toEqual([[0, 1], [], [0, 1]]);
  });

  it('is not supported where an output has no rows', async () => {
    const summed: Program = { ...halfPlusTwo, outputs: [{ ...output, batched: false }] };
    const run = (await load(summed)).prepare(['x'], ['y']);
    await expect(Promise.resolve(run.run([floats()]))).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining('zero rows'),
    });
  });
});
