import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decodeNpy, encodeNpy } from '@serving/core/npy';
import { createTensor } from '@serving/core/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, runExample, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord, promisedLines } from '../test-support/snippets.js';

const path = beside(import.meta.url);

describe('binary bodies', () => {
  let server;
  let model;

  beforeAll(async () => {
    server = await startExample(path('server.js'), [fixture('digits')]);
    model = `${server.url}/v1/models/digits`;
  });
  afterAll(() => server.kill());

  it.each(['raw-client.js', 'protobuf-client.js'])('%s prints what its comments promise', async (client) => {
    const printed = await runExample(path(client), [model]);
    expect(printed.trimEnd()).toBe(promisedLines(path(client)).join('\n'));
  });

  it('curl gets the labels of images in files', async () => {
    const samples = JSON.parse(readFileSync(fixture('digits/samples.json'), 'utf8'));
    const folder = mkdtempSync(join(tmpdir(), 'serving-npy-'));
    try {
      const pixels = Float32Array.from(samples.flatMap(({ image }) => image.flat()));
      writeFileSync(join(folder, 'images.npy'), encodeNpy(createTensor('float', [samples.length, 8, 8, 1], pixels)));
      await promisify(execFile)('sh', [path('npy-client.sh'), model], { cwd: folder });
      const found = decodeNpy(readFileSync(join(folder, 'labels.npy')), 'labels.npy');
      expect([found.dtype, found.shape]).toEqual(['int64', [samples.length]]);
      const right = samples.filter(({ label }, i) => BigInt(label) === found.data[i]);
      expect(right.length).toBeGreaterThan(0.9 * samples.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  itStandsWordForWord(
    import.meta.url,
    ['server.js', 'raw-client.js', 'npy-client.sh', 'protobuf-client.js'],
    'docs/reference/rest-api.md',
  );
});
