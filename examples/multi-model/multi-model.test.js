import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseModelServerConfig, toModelConfigs } from '@serving/protos/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, runExample, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord, promisedLines } from '../test-support/snippets.js';
import { models } from './models.js';

const path = beside(import.meta.url);

describe('several models', () => {
  let cwd; // the base paths start here

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'multi-model-'));
    await symlink(fixture(), join(cwd, 'models'));
  });
  afterAll(() => rm(cwd, { recursive: true }));

  describe.each([
    { listed: 'in code', args: [], largeRequest: 400 },
    { listed: 'in a file', args: [path('models.config')], largeRequest: 200 },
  ])('listed $listed', ({ args, largeRequest }) => {
    let app;
    let grpcAddress;

    beforeAll(async () => {
      app = await startExample(path('server.js'), args, { cwd, env: { GRPC_PORT: '0' } });
      grpcAddress = `127.0.0.1:${/gRPC on (\d+)/.exec(app.printed)[1]}`;
    });
    afterAll(() => app.kill());

    it.each([
      ['rest-client.js', () => app.url],
      ['grpc-client.js', () => grpcAddress],
    ])('answer by version and by label, as the comments of %s say', async (client, address) => {
      const printed = await runExample(path(client), [address()]);
      expect(printed.trimEnd().split('\n')).toEqual(promisedLines(path(client)));
    });

    it(`answer 65 digits at once with ${largeRequest}, by the options of that model alone`, async () => {
      const image = Array(8).fill(Array(8).fill([0.5]));
      const body = JSON.stringify({ instances: Array(65).fill(image) });
      const response = await fetch(`${app.url}/v1/models/digits:predict`, { method: 'POST', body });
      expect(response.status).toBe(largeRequest);
      const words = JSON.stringify({ instances: Array(65).fill('tea') });
      expect((await fetch(`${app.url}/v1/models/words:predict`, { method: 'POST', body: words })).status).toBe(200);
    });

    it('end cleanly', async () => {
      expect(await app.terminate()).toEqual({ code: 0, signal: null });
    });
  });

  it('are the same in the file, but for the options that it has not', () => {
    const listed = toModelConfigs(
      parseModelServerConfig(readFileSync(path('models.config'), 'utf8'), 'models.config'),
      {
        allowRelativeBasePaths: true,
      },
    );
    const inFile = models.map(({ batching: _, ...model }) => ({ ...model, platform: 'tensorflow' }));
    expect(listed).toEqual(inFile);
  });

  itStandsWordForWord(
    import.meta.url,
    ['models.js', 'models.config', 'server.js', 'rest-client.js', 'grpc-client.js'],
    'docs/guides/models.md',
  );
});
