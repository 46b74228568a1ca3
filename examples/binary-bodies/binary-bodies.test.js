import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeNpy, encodeNpy } from '@serving/core/npy';
import { createTensor } from '@serving/core/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const fixture = path('../../packages/savedmodel/fixtures/digits');
const run = promisify(execFile);

describe('binary bodies', () => {
  let server;
  let model;

  beforeAll(async () => {
    server = spawn(process.execPath, [path('./server.js'), fixture], { env: { ...process.env, PORT: '0' } });
    const [line] = await once(server.stdout.setEncoding('utf8'), 'data');
    model = `http://127.0.0.1:${/listening on (\d+)/.exec(line)[1]}/v1/models/digits`;
  });

  afterAll(async () => {
    server.kill();
    await once(server, 'exit');
  });

  it.each(['raw-client.js', 'protobuf-client.js'])('%s prints what its comments promise', async (client) => {
    const promised = [...readFileSync(path(client), 'utf8').matchAll(/console\.log\(.*\); \/\/ (.*)/g)];
    const { stdout } = await run(process.execPath, [path(client), model]);
    expect(stdout.trimEnd()).toBe(promised.map(([, text]) => text).join('\n'));
  });

  it('curl gets the labels of images in files', async () => {
    const samples = JSON.parse(readFileSync(join(fixture, 'samples.json'), 'utf8'));
    const folder = mkdtempSync(join(tmpdir(), 'serving-npy-'));
    try {
      const pixels = Float32Array.from(samples.flatMap(({ image }) => image.flat()));
      writeFileSync(join(folder, 'images.npy'), encodeNpy(createTensor('float', [samples.length, 8, 8, 1], pixels)));
      await run('sh', [path('npy-client.sh'), model], { cwd: folder });
      const found = decodeNpy(readFileSync(join(folder, 'labels.npy')), 'labels.npy');
      expect([found.dtype, found.shape]).toEqual(['int64', [samples.length]]);
      const right = samples.filter(({ label }, i) => BigInt(label) === found.data[i]);
      expect(right.length).toBeGreaterThan(0.9 * samples.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['server.js', 'raw-client.js', 'npy-client.sh', 'protobuf-client.js'])(
    'has %s word for word in the docs',
    (file) => {
      expect(readFileSync(path('../../docs/rest-api.md'), 'utf8')).toContain(readFileSync(path(file), 'utf8'));
    },
  );
});
