import { type ClassificationRequest, ModelServer, type RegressionRequest } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath, referenceCases } from '../../test-doubles/src/saved-model-fixtures.js';
import { savedModelPlatform } from './saved-model-platform.js';

let server: ModelServer;

beforeAll(async () => {
  server = await ModelServer.start({
    models: ['classify_regress', 'half_plus_two'].map((name) => ({ name, basePath: fixturePath(name) })),
    platforms: { tensorflow: savedModelPlatform() },
  });
});

afterAll(() => server.close());

const classify = (request: Omit<ClassificationRequest, 'model'>): ReturnType<ModelServer['classify']> =>
  server.classify({ model: 'classify_regress', ...request });
const regress = (request: Omit<RegressionRequest, 'model'>): ReturnType<ModelServer['regress']> =>
  server.regress({ model: 'classify_regress', ...request });

/** The examples that the fixture's reference answers were computed for. */
const one = [{ x: 2, y: 1 }];
const three = [{ x: 0 }, { x: 1 }, { x: 2 }];

function reference(signature: string, count: number, output: string): Tensor {
  const found = referenceCases('classify_regress').find(
    (request) => request.signature === signature && request.inputs.inputs?.shape[0] === count,
  );
  return found!.outputs[output]!;
}

describe('Classify on TensorFlow', () => {
  it.each([
    ['classify', one],
    ['classify', three],
    ['classify_scores', one],
    ['classify_scores', three],
    ['classify_classes', one],
    ['classify_classes', three],
  ])("answers like TensorFlow's own run of %s", async (signatureName, examples) => {
    const { classifications, ...ran } = await classify({ signatureName, examples });
    expect(ran).toEqual({ model: 'classify_regress', version: 1, signatureName });
    const all = classifications.flat();
    expect(classifications.map(({ length }) => length)).toEqual(examples.map(() => 3));
    const withScores = signatureName !== 'classify_classes';
    const scores = withScores ? (reference(signatureName, examples.length, 'scores').data as Float32Array) : [];
    for (const [i, { label, score }] of all.entries()) {
      expect(label).toBe(signatureName === 'classify_scores' ? '' : ['low', 'middle', 'high'][i % 3]);
      expect(score).toBeCloseTo(scores[i] ?? 0, 6);
    }
  });

  it('is refused by signatures of another form, with the texts of TensorFlow Serving', async () => {
    await expect(classify({ signatureName: 'regress', examples: one })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(
        'Model classify_regress version 1, signature "regress": Expected classification signature outputs to contain ' +
          'at least one of "classes" or "scores". Signature was: goo.gle/debugonly\ninputs {\n  key: "inputs"\n',
      ),
    });
    await expect(classify({ examples: one })).rejects.toThrow(
      'No classification inputs found in SignatureDef: goo.gle/',
    );
    await expect(classify({ signatureName: 'no', examples: one })).rejects.toThrow(
      'No signature was found with the name: no',
    );
  });
});

describe('Regress on TensorFlow', () => {
  it.each([
    ['regress', one],
    ['regress', three],
    ['regress_flat', three],
    ['regress_as_predict', three],
  ])("answers like TensorFlow's own run of %s", async (signatureName, examples) => {
    const { values } = await regress({ signatureName, examples });
    expect(values).toEqual(reference(signatureName, examples.length, 'outputs').data);
  });

  it('takes features of the context that an example has none of its own for', async () => {
    const { values } = await regress({
      signatureName: 'regress',
      context: { x: 10, y: 1 },
      // TensorFlow's parser skips a feature without a kind, and finds the context's.
      examples: [{}, { x: 20 }, { y: 3 }, { y: [] }],
    });
    expect(values).toEqual(Float32Array.of(11, 21, 13, 11));
  });

  it.each([
    [[{ x: 1n }], "Key: x, Index: 0.  Data types don't match. Data type: int64 but expected type: float"],
    [[{ y: 1 }], 'Feature: x (data type: float) is required but could not be found.'],
    [[{ x: [1, 2] }], 'Key: x, Index: 0.  Number of float values != expected.'],
    [[{ x: { kind: 'bytes' as const, values: [] } }], "Key: x, Index: 0.  Data types don't match."],
    [[], 'Input is empty.'],
  ])('refuses examples %#', async (examples, message) => {
    await expect(regress({ signatureName: 'regress', examples })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(message),
    });
  });

  it('refuses signatures with other keys', async () => {
    await expect(regress({ signatureName: 'regress_wrong_keys', examples: one })).rejects.toThrow(
      'No regression inputs found in SignatureDef: goo.gle/debugonly\ninputs {\n  key: "examples"',
    );
  });

  it('checks method names where the platform has the option', async () => {
    const strict = await ModelServer.start({
      models: [{ name: 'classify_regress', basePath: fixturePath('classify_regress') }],
      platforms: { tensorflow: savedModelPlatform({ enableSignatureMethodNameCheck: true }) },
    });
    const model = 'classify_regress';
    await expect(strict.regress({ model, signatureName: 'regress', examples: one })).resolves.toMatchObject({
      values: Float32Array.of(3),
    });
    await expect(strict.regress({ model, signatureName: 'regress_as_predict', examples: one })).rejects.toThrow(
      'Expected regression signature method_name to be tensorflow/serving/regress. Was: tensorflow/serving/predict',
    );
    await strict.close();
  });
});
