import { ModelServer } from '@serving/core';
import { isGraphServable } from '@serving/core/extend';
import { createTensor, elementCount, type Tensor } from '@serving/core/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../../test-doubles/src/saved-model-fixtures.js';
import { savedModelPlatform } from './saved-model-platform.js';

const tensor = (shape: readonly number[]): Tensor =>
  createTensor('float', shape, new Float32Array(elementCount(shape)).fill(1));

type Rule = 'always' | 'where-needed';

async function serve(enforceSignatureShapes: boolean, padEmptyRequests: Rule, batched: boolean): Promise<ModelServer> {
  return ModelServer.start({
    models: [{ name: 'shapes', basePath: fixturePath('shapes') }],
    platforms: { tensorflow: savedModelPlatform({ padEmptyRequests }) },
    startPolicy: 'all',
    enforceSignatureShapes,
    ...(batched && { batching: {} }),
  });
}

async function shapeOfAnswer(server: ModelServer, signatureName: string, shape: readonly number[]): Promise<unknown> {
  const { outputs } = await server.predict({ model: 'shapes', signatureName, inputs: { x: tensor(shape) } });
  return outputs.y!.shape;
}

describe.each([
  { enforced: true, batched: false },
  { enforced: true, batched: true },
  { enforced: false, batched: false },
  { enforced: false, batched: true },
])(
  'shapes that would end the process (enforceSignatureShapes $enforced, batched $batched)',
  ({ enforced, batched }) => {
    let server: ModelServer;
    beforeAll(async () => {
      server = await serve(enforced, 'always', batched);
    });
    afterAll(() => server.close());

    it.each<[string, number[], string]>([
      ['serving_default', [4, 4, 1], '[?,?,?,?]'],
      ['serving_default', [4], '[?,?,?,?]'],
      ['serving_default', [1, 1, 4, 4, 1], '[?,?,?,?]'],
      ['cell', [4], '[?,?]'],
      ['cell', [1, 1, 4], '[?,?]'],
      ['pool', [1, 1, 1, 1], '[?,≥2,≥2,?]'],
      ['pool', [1, 3, 1, 1], '[?,≥2,≥2,?]'],
      ['pool', [3, 3, 1], '[?,?,?,1]'],
      ['skip', [4, 4, 3], '[?,4,4,3]'],
    ])('are refused: %s with %j', async (signatureName, shape, expected) => {
      await expect(shapeOfAnswer(server, signatureName, shape)).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: `Input "x" of model "shapes" has shape [${shape}]; signature "${signatureName}" expects ${expected}.`,
      });
    });

    it.each<[string, number[], number[]]>([
      ['serving_default', [2, 5, 4, 1], [2, 3, 2, 2]],
      ['cell', [1, 4], [1, 4]],
      ['pool', [1, 2, 2, 1], [1, 1, 1, 2]],
      ['skip', [1, 4, 4, 3], [1, 4, 4, 2]],
    ])('leave others alone: %s with %j', async (signatureName, shape, answered) => {
      expect(await shapeOfAnswer(server, signatureName, shape)).toEqual(answered);
    });
  },
);

describe('a shape that TensorFlow would answer with invented numbers', () => {
  it('is refused, and answered where shapes are not enforced', async () => {
    const strict = await serve(true, 'always', false);
    await expect(shapeOfAnswer(strict, 'normalize', [1])).rejects.toThrow(
      'Input "x" of model "shapes" has shape [1]; signature "normalize" expects [?,5,8].',
    );
    await strict.close();
    const lenient = await serve(false, 'always', false);
    expect(await shapeOfAnswer(lenient, 'normalize', [1])).toEqual([8]);
    await lenient.close();
  });
});

describe('SessionRun of operations that want different shapes of one tensor', () => {
  it('is held to those of what is fetched', async () => {
    const server = await serve(true, 'always', false);
    const handle = server.getServableHandle({ model: 'shapes' }, isGraphServable);
    const run = (shape: number[], fetch: string) =>
      handle.servable.runGraph(new Map([['any_rank:0', tensor(shape)]]), [fetch]);
    await expect(run([1, 4], 'convolved:0')).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'Tensor "any_rank:0" of model "shapes" has shape [1,4]; the graph expects [?,?,?,?].',
    });
    await expect(run([4], 'cell:0')).rejects.toThrow('has shape [4]; the graph expects [?,?].');
    expect((await run([1, 4], 'cell:0'))[0]!.shape).toEqual([1, 4]);
    expect((await run([1, 4, 4, 1], 'convolved:0'))[0]!.shape).toEqual([1, 2, 2, 2]);
    handle.release();
    await server.close();
  });
});

describe.each([false, true])('requests without rows (batched: %s)', (batched) => {
  it.each<Rule>(['always', 'where-needed'])('are answered in the right shapes (%s)', async (rule) => {
    const server = await serve(true, rule, batched);
    expect(await shapeOfAnswer(server, 'skip', [0, 4, 4, 3])).toEqual([0, 4, 4, 2]);
    expect(await shapeOfAnswer(server, 'pool', [0, 3, 3, 1])).toEqual([0, 2, 2, 2]);
    expect(await shapeOfAnswer(server, 'normalize', [0, 5, 8])).toEqual([0, 5, 8]);
    expect(await shapeOfAnswer(server, 'random', [0, 2])).toEqual([0, 2]);
    await server.close();
  });
});
