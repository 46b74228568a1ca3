import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runFuzz } from './run-fuzz.js';

const fixture = (path: string): string => fileURLToPath(new URL(`../../../${path}/1`, import.meta.url));
// A child process knows nothing of the test's module loader.
const worker = new URL('../../dist/fuzz/fuzz-worker.js', import.meta.url);

it('damaged models are answered or refused with an error of their own', async () => {
  const sources = [
    ...['arithmetic', 'class_names', 'cnn', 'lstm', 'words'].map((name) => fixture(`onnx-compiler/fixtures/${name}`)),
    ...['dtypes', 'lookup', 'torch_external'].map((name) => fixture(`runtime-onnx/fixtures/${name}`)),
  ];
  const { outcomes, findings } = await runFuzz(sources, { count: 240, seed: 1, worker });
  expect(findings).toEqual([]);
  const counted = (stage: string): number =>
    Object.entries(outcomes).reduce((sum, [name, count]) => (name.startsWith(stage) ? sum + count : sum), 0);
  expect(counted('load') + counted('run') + counted('answered')).toBe(240);
  expect(counted('load')).toBeGreaterThan(60);
  expect(counted('answered')).toBeGreaterThan(60);
});

it('the same seed damages in the same way', async () => {
  const sources = [fixture('onnx-compiler/fixtures/mlp')];
  const options = { count: 12, seed: 7, worker };
  expect(await runFuzz(sources, options)).toEqual(await runFuzz(sources, options));
});
