/**
 * Scripts that export models run where Python has their modules. `fixtures/price` is what `torch_export.py` writes, without the metadata of
 * its nodes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { onnxPlatform } from '@serving/runtime-onnx';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { beside, startExample } from '../test-support/example-process.js';
import { itWithPython, runPython } from '../test-support/python.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const path = beside(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'onnx-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function served(basePath) {
  const server = await ModelServer.start({
    models: [{ name: 'm', basePath, platform: 'onnx' }],
    platforms: { onnx: onnxPlatform() },
    startPolicy: 'all',
  });
  onTestFinished(() => server.close());
  return server;
}

describe('docs/guides/pytorch-and-scikit-learn.md', () => {
  it('the server answers in process and over REST', async () => {
    const example = await startExample(path('server.js'), [path('fixtures/price')]);
    onTestFinished(() => example.kill());
    expect(example.printed).toContain('price of the first house: -0.7206');
    const response = await fetch(`${example.url}/v1/models/price:predict`, {
      method: 'POST',
      body: JSON.stringify({ instances: [[1, 2, 3, 4]] }),
    });
    const { predictions } = await response.json();
    expect(predictions[0][0]).toBeCloseTo(-0.7206, 4);
  });

  itWithPython(['torch', 'onnxscript'], 'a model of PyTorch answers as in PyTorch', async () => {
    const basePath = join(folder, 'price');
    const printed = await runPython(path('torch_export.py'), [basePath]);
    const expected = JSON.parse(printed.trim().split('\n').at(-1));
    const server = await served(basePath);
    const rows = [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ];
    const { outputs } = await server.predict({ model: 'm', inputs: { features: rows } });
    expect(outputs.price.shape).toEqual([3, 1]);
    for (const price of outputs.price.data) expect(price).toBeCloseTo(expected[0][0], 5);
  });

  itWithPython(['skl2onnx', 'sklearn'], 'a classifier of scikit-learn answers labels and probabilities', async () => {
    const basePath = join(folder, 'iris');
    await runPython(path('sklearn_export.py'), [basePath]);
    const server = await served(basePath);
    const { outputs } = await server.predict({ model: 'm', inputs: { X: [[5.1, 3.5, 1.4, 0.2]] } });
    expect(outputs.label.data.toStrings()).toEqual(['setosa']);
    expect(outputs.probabilities.shape).toEqual([1, 3]);
  });

  itStandsWordForWord(
    import.meta.url,
    ['torch_export.py', 'sklearn_export.py', 'server.js'],
    'docs/guides/pytorch-and-scikit-learn.md',
  );
});
