import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compilerFixtures } from '../../packages/onnx-compiler/src/fixtures.test-support.js';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';
import { classify, loadModel } from './digits.js';

const path = beside(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'onnx-in-the-browser-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a model as the page's command does, and returns the file's path. */
async function write(savedModel, name, ...flags) {
  const out = join(folder, name);
  await promisify(execFile)(path('node_modules/.bin/serving'), ['onnx', savedModel, `--out=${out}`, ...flags]);
  return out;
}

const samples = JSON.parse(readFileSync(fixture('digits/samples.json'), 'utf8'));
const pixels = Float32Array.from(
  samples.flatMap(({ image }) => image.flat(3)),
  (value) => value / 16,
);
const labels = samples.map(({ label }) => label);
const digitsOf = (answers) => answers.map(({ digit }) => digit);

describe('a written model', () => {
  let app;
  beforeAll(async () => {
    await write(fixture('digits'), 'model.onnx');
    app = await startExample(path('server.js'), [folder]);
  });
  afterAll(() => app.kill());

  it('reads digits in WebAssembly, all in one run or each in its own', async () => {
    const [model, weights] = ['model.onnx', 'model.onnx.data'].map((name) => readFileSync(join(folder, name)));
    const session = await loadModel(model, weights);
    const together = await classify(session, pixels);
    const right = digitsOf(together).filter((digit, i) => digit === labels[i]).length;
    expect(right / labels.length).toBeGreaterThan(0.95);
    const [first] = await classify(session, pixels.slice(0, 64));
    expect(first.digit).toBe(together[0].digit);
    expect(first.probability).toBeCloseTo(together[0].probability, 5);
    await session.release();
  });

  it.each([
    ['/', 'text/html'],
    ['/digits.js', 'text/javascript'],
    ['/onnxruntime-web/ort.wasm.min.mjs', 'text/javascript'],
    ['/onnxruntime-web/ort-wasm-simd-threaded.wasm', 'application/wasm'],
  ])('the server has %s for the page', async (url, type) => {
    const response = await fetch(app.url + url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect((await response.arrayBuffer()).byteLength).toBeGreaterThan(0);
  });

  it('runs from the files that the server sends', async () => {
    const [model, weights] = await Promise.all(
      ['/model.onnx', '/model.onnx.data'].map(
        async (url) => new Uint8Array(await (await fetch(app.url + url)).arrayBuffer()),
      ),
    );
    const session = await loadModel(model, weights);
    const [first] = await classify(session, pixels.slice(0, 64));
    expect(first.digit).toBe(labels[0]);
    await session.release();
  });

  it.each(['lstm', 'cnn', 'mlp', 'gru_masked'])('answers as TensorFlow does in WebAssembly: %s', async (name) => {
    const { directory, cases } = compilerFixtures().find((each) => each.name === name);
    const out = await write(directory, `${name}.onnx`, '--embed_weights');
    const session = await InferenceSession.create(readFileSync(out));
    for (const { inputs, outputs } of cases) {
      const feeds = Object.entries(inputs).map(([alias, { dtype, shape, data }]) => {
        const type = dtype === 'float' ? 'float32' : dtype;
        return [alias, new Tensor(type, data, shape)];
      });
      const results = await session.run(Object.fromEntries(feeds));
      expect(Object.keys(results)).toEqual(Object.keys(outputs));
      for (const [alias, { shape, data }] of Object.entries(outputs)) {
        expect(results[alias].dims).toEqual([...shape]);
        for (const [i, value] of data.entries()) expect(results[alias].data[i]).toBeCloseTo(value, 4);
      }
    }
    await session.release();
  });
});

itStandsWordForWord(import.meta.url, ['digits.js'], 'docs/offline.md');
