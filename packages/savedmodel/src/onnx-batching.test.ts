import { fileURLToPath } from 'node:url';
import { ModelServer } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { savedModelPlatform } from './saved-model-platform.js';

const basePath = fileURLToPath(new URL('../../onnx-compiler/fixtures/boxes', import.meta.url));

let server: ModelServer;

beforeEach(async () => {
  server = await ModelServer.start({
    models: [{ name: 'boxes', basePath }],
    platforms: { tensorflow: savedModelPlatform({ engine: 'onnx' }) },
    batching: { maxBatchSize: 64, batchTimeoutMs: 20 },
  });
});

afterEach(() => server.close());

describe('batching on ONNX Runtime', () => {
  it('runs requests of a signature that compares its rows one by one', async () => {
    const boxes = createTensor('float', [2, 4], Float32Array.of(0, 0, 1, 1, 0, 0, 0.95, 1));
    const scores = (...values: number[]) => createTensor('float', [2], Float32Array.from(values));
    const answers = await Promise.all(
      [scores(0.9, 0.8), scores(0.7, 0.95)].map((each) =>
        server.predict({ model: 'boxes', inputs: { boxes, scores: each } }),
      ),
    );
    expect(answers.map(({ outputs }) => [...(outputs.kept!.data as Int32Array)])).toEqual([[0], [1]]);
  });
});
