import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-web';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compilerFixtures } from '../../packages/onnx-compiler/src/fixtures.test-support.js';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';
import { bundleNames } from './bundle.js';
import { classify, loadModel } from './digits.js';
import { loadNames } from './names.js';

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

const lstm = compilerFixtures().find(({ name }) => name === 'lstm');
const classNames = compilerFixtures().find(({ name }) => name === 'class_names');
const rowsOf = ({ shape: [count, width], data }) =>
  Array.from({ length: count }, (_, row) => Array.from(data.slice(row * width, (row + 1) * width)));

describe('written stages', () => {
  let model;
  let stages;
  beforeAll(async () => {
    const out = await write(classNames.directory, 'names.onnx', '--stages', '--embed_weights');
    model = readFileSync(out);
    stages = JSON.parse(readFileSync(`${out}.stages.json`, 'utf8'));
  });

  it('look up names of classes after the arithmetic, as TensorFlow does', async () => {
    const namesOf = await loadNames(model, stages);
    for (const { inputs, outputs } of classNames.cases) {
      expect(await namesOf(rowsOf(inputs.x))).toEqual(outputs.name.data.toStrings());
    }
  });

  it('are bundled for browsers without a module of Node', async () => {
    const warn = vi.spyOn(console, 'warn');
    const code = await bundleNames();
    expect(warn).not.toHaveBeenCalled();
    expect(code).not.toMatch(/["']node:|\bBuffer\./);
    expect(code).toContain('from"onnxruntime-web"');
  });
});

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const hasChromium = existsSync(executablePath);
if (!hasChromium) console.warn(`SKIPPED: models in Chromium, as there is no ${executablePath} (set CHROMIUM_PATH)`);

describe.skipIf(!hasChromium)('in Chromium', () => {
  let app;
  let browser;
  let page;
  beforeAll(async () => {
    await write(fixture('digits'), 'model.onnx');
    app = await startExample(path('server.js'), [folder]);
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
    });
    page = await browser.newPage();
    const files = {
      'digits.js': { path: path('digits.js'), contentType: 'text/javascript' },
      'page.js': { path: path('page.test-support.js'), contentType: 'text/javascript' },
      'names.js': { contentType: 'text/javascript', body: await bundleNames() },
      'names.onnx': { path: await write(classNames.directory, 'names.onnx', '--stages', '--embed_weights') },
      'names.onnx.stages.json': { path: join(folder, 'names.onnx.stages.json') },
      'lstm.onnx': { path: await write(lstm.directory, 'lstm.onnx', '--embed_weights') },
    };
    await page.route('**/written/*', (route) => route.fulfill(files[new URL(route.request().url()).pathname.slice(9)]));
    await page.goto(app.url);
    await page.addScriptTag({ type: 'module', url: '/written/page.js' });
    await page.waitForFunction(() => globalThis.inPage !== undefined);
  });
  afterAll(async () => {
    await browser?.close();
    app?.kill();
  });

  it('the page reads digits', async () => {
    const answers = await page.evaluate((values) => globalThis.inPage.digits(values), Array.from(pixels));
    const [model, weights] = ['model.onnx', 'model.onnx.data'].map((name) => readFileSync(join(folder, name)));
    const expected = await classify(await loadModel(model, weights), pixels);
    expect(digitsOf(answers)).toEqual(digitsOf(expected));
    for (const [i, { probability }] of answers.entries()) expect(probability).toBeCloseTo(expected[i].probability, 5);
  });

  it('an LSTM answers as TensorFlow does', async () => {
    for (const { inputs, outputs } of lstm.cases) {
      const feeds = Object.entries(inputs).map(([name, { shape, data }]) => ({ name, shape, data: Array.from(data) }));
      const results = await page.evaluate((given) => globalThis.inPage.floats('/written/lstm.onnx', given), feeds);
      expect(results.map(({ name }) => name)).toEqual(Object.keys(outputs));
      for (const { name, shape, data } of results) {
        expect(shape).toEqual([...outputs[name].shape]);
        for (const [i, value] of data.entries()) expect(value).toBeCloseTo(outputs[name].data[i], 4);
      }
    }
  });

  it('names of classes are looked up', async () => {
    for (const { inputs, outputs } of classNames.cases) {
      const names = await page.evaluate((rows) => globalThis.inPage.names(rows), rowsOf(inputs.x));
      expect(names).toEqual(outputs.name.data.toStrings());
    }
  });
});

itStandsWordForWord(import.meta.url, ['digits.js', 'names.js', 'bundle.js'], 'docs/guides/offline.md');
