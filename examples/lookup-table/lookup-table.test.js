import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const path = beside(import.meta.url);

describe('a lookup table beside a TensorFlow model', () => {
  let root;
  let app;
  let url;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lookup-table-'));
    await cp(path('vocabulary'), join(root, 'vocabulary'), { recursive: true });
    app = await startExample(path('server.js'), [join(root, 'vocabulary'), fixture('half_plus_two_tf2')]);
    url = `${app.url}/v1/models`;
  });
  afterAll(async () => {
    await app.kill();
    await rm(root, { recursive: true });
  });

  const predict = async (model, body) => {
    const response = await fetch(`${url}/${model}:predict`, { method: 'POST', body: JSON.stringify(body) });
    return response.json();
  };

  it('answers over REST like any model, and the TensorFlow model too', async () => {
    expect(await predict('vocabulary', { instances: ['coffee', 'milk', 'tea'] })).toEqual({ predictions: [1, -1, 0] });
    expect(await predict('half_plus_two', { instances: [1, 2] })).toEqual({ predictions: [2.5, 3] });
  });

  it('has metadata, and errors for wrong inputs', async () => {
    const { metadata } = await (await fetch(`${url}/vocabulary/metadata`)).json();
    const { inputs, outputs } = metadata.signature_def.signature_def.serving_default;
    expect([inputs.words.dtype, outputs.ids.dtype]).toEqual(['DT_STRING', 'DT_INT64']);
    expect((await predict('vocabulary', { instances: [1] })).error).toContain('string');
  });

  it('goes over to a new version by itself', async () => {
    await mkdir(join(root, 'next'));
    await writeFile(join(root, 'next', 'words.txt'), 'milk\ntea\n');
    await rename(join(root, 'next'), join(root, 'vocabulary', '2'));
    await expect
      .poll(() => predict('vocabulary', { instances: ['coffee', 'milk', 'tea'] }))
      .toEqual({ predictions: [-1, 0, 1] });
  });

  it('ends cleanly', async () => {
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['lookup-table-platform.js'], 'docs/guides/lifecycle.md');
});
