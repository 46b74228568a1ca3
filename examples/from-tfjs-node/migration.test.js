import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const digits = fixture('digits');
const samples = JSON.parse(readFileSync(join(digits, 'samples.json'), 'utf8')).slice(0, 5);
const images = samples.map(({ image }) => image.map((row) => row.map((pixel) => [pixel / 16])));

/** tfjs-node 4.22 doesn't load on Node 23 and newer, and without the addon that `npx -y pnpm@12 test` sets up. */
const tfjsFolder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-node/package.json'));
const hasTfjs = existsSync(join(tfjsFolder, 'lib')) && Number(process.versions.node.split('.')[0]) < 23;

const apps = [
  { file: 'before.js', model: join(digits, '2'), runs: hasTfjs },
  { file: 'after.js', model: digits, runs: true },
];

describe.each(apps.filter(({ runs }) => runs))('$file', ({ file, model }) => {
  let app;

  beforeAll(async () => {
    app = await startExample(beside(import.meta.url)(file), [model]);
  });
  afterAll(() => app.kill());

  const post = (path, body) =>
    fetch(app.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('classifies images on the route that its clients know', async () => {
    const response = await post('/classify', { images });
    const { probabilities } = await response.json();
    const labels = probabilities.map((row) => row.indexOf(Math.max(...row)));
    expect(labels).toEqual(samples.map(({ label }) => label));
  });

  it.runIf(file === 'after.js')('has the REST API as well, and answers bad input with 400', async () => {
    const { predictions } = await (await post('/v1/models/digits:predict', { instances: images })).json();
    expect(predictions.map(({ label }) => label)).toEqual(samples.map(({ label }) => label));
    const response = await post('/classify', { images: [[1, 2]] });
    expect(response.status).toBe(400);
    expect((await response.json()).error).toContain('image');
  });
});

itStandsWordForWord(
  import.meta.url,
  apps.map(({ file }) => file),
  'docs/guides/migrating-from-tfjs-node.md',
);
