import { ModelServer } from '@serving/core';
import { platformFromLoader, simpleLoader } from '@serving/core/extend';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { RestServer } from '../node/rest-server.js';
import { ask, Load, serveFixtures, threadExtension } from './threads.test-support.js';

const PREDICT = '/v1/models/half_plus_two:predict';
const BODY = '{"instances": [1, 2, 5]}';

async function threadsThatAnswer(port: number, requests = 40): Promise<Set<string>> {
  const threads = new Set<string>();
  for (let i = 0; i < requests; i++) threads.add((await ask(port, '/thread')).body);
  return threads;
}

describe('RestServer with threads', () => {
  it('answers from each thread with one loaded model', async () => {
    const extensions = [{ module: await threadExtension() }];
    const { rest } = await serveFixtures(['half_plus_two'], { rest: { extensions } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(rest.port, PREDICT, { body: BODY })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(JSON.parse(answers[0]!.body)).toEqual({ predictions: [3.5, 4, 5.5] });
    expect((await threadsThatAnswer(rest.port)).size).toBe(2);
  });

  it('tells status, metadata and errors as one thread does', async () => {
    const { server, rest } = await serveFixtures(['half_plus_two', 'digits']);
    await using one = await RestServer.listen(server, { port: 0 });
    const targets = [
      '/v1/models/half_plus_two',
      '/v1/models/digits/metadata',
      '/v1/models/unknown',
      '/v1/models/half_plus_two/versions/7',
      '/v1/models/half_plus_two/labels/none:predict',
      '/nowhere',
    ];
    for (const target of targets) expect(await ask(rest.port, target)).toEqual(await ask(one.port, target));
    const wrong = { body: '{"instances": ["x"]}' };
    expect(await ask(rest.port, PREDICT, wrong)).toEqual(await ask(one.port, PREDICT, wrong));
  });

  it.each(['tensorflow', 'onnx'] as const)(
    'swaps versions and labels under load without a failed request on %s',
    async (engine) => {
      const basePath = fixturePath('half_plus_two');
      const listed = (version: number) => ({
        models: [
          {
            name: 'half_plus_two',
            basePath,
            versionPolicy: { specific: { versions: [version] } },
            versionLabels: { stable: version },
          },
        ],
      });
      const { server, rest } = await serveFixtures([], {
        engine,
        ...listed(123),
        allowVersionLabelsForUnavailableModels: true,
        forceAllowAnyVersionLabelsForUnavailableModels: true,
      });
      const load = new Load(rest.port, PREDICT, BODY);
      for (let i = 0; i < 10; i++) {
        const version = i % 2 === 0 ? 124 : 123;
        await server.reload(listed(version));
        await load.more(20);
        const status = JSON.parse((await ask(rest.port, '/v1/models/half_plus_two/labels/stable/metadata')).body);
        expect(status.model_spec.version).toBe(String(version));
      }
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(load.answered).toBeGreaterThan(200);
    },
  );

  it('replaces a thread that an exception of application code ends; only its requests fail', async () => {
    const extensions = [{ module: await threadExtension() }];
    const { rest, errors } = await serveFixtures(['half_plus_two'], { rest: { extensions } });
    const before = await threadsThatAnswer(rest.port);
    await expect(ask(rest.port, '/thread/throw')).rejects.toThrow();
    const fresh = new Load(rest.port, PREDICT, BODY, { isKept: false });
    const after = new Set<string>();
    while (after.size < 2) {
      const { body } = await ask(rest.port, '/thread');
      after.add(body);
    }
    await fresh.stop();
    expect(fresh.failures).toEqual([]);
    expect([...after].filter((thread) => before.has(thread))).toHaveLength(1);
    expect(errors).toEqual([expect.stringContaining('a bug of the application')]);
  });

  it('answers what is in flight when it closes, and leaves the model server to its owner', async () => {
    const { server, rest } = await serveFixtures(['slow']);
    const { port } = rest;
    const running = Promise.all(
      Array.from({ length: 4 }, () =>
        ask(port, '/v1/models/slow:predict', { body: '{"inputs": {"iterations": 60, "x": [1]}}' }),
      ),
    );
    await ask(port, '/v1/models/slow');
    await rest.close();
    expect((await running).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await expect(ask(port, '/v1/models/slow')).rejects.toThrow();
    expect(server.state).toBe('serving');
  });

  it('merges the metrics of its threads', async () => {
    const { rest } = await serveFixtures(['half_plus_two'], { rest: { prometheusPath: '/metrics' } });
    await Promise.all(Array.from({ length: 30 }, () => ask(rest.port, PREDICT, { body: BODY })));
    const { body } = await ask(rest.port, '/metrics');
    expect(body).toContain(':tensorflow:serving:request_count{model_name="half_plus_two",status="OK"} 30');
    expect((await ask(rest.port, '/metrics')).body).toBe(body);
  });

  it.each(['tensorflow', 'onnx'] as const)('runs what %s runs, stages in TypeScript too', async (engine) => {
    const names = ['strings', 'lookup_table', 'classify_regress', 'dtypes'];
    const { server, rest } = await serveFixtures(names, { engine });
    await using one = await RestServer.listen(server, { port: 0 });
    const requests: [path: string, body: string][] = [
      ['/v1/models/strings:predict', '{"instances": ["tea", "\\u00e9"]}'],
      ['/v1/models/lookup_table:predict', '{"instances": ["tea", "none"]}'],
      ['/v1/models/classify_regress:classify', '{"examples": [{"x": 1.5}]}'],
      ['/v1/models/classify_regress:regress', '{"signature_name": "regress", "examples": [{"x": 1.5}]}'],
    ];
    for (const [path, body] of requests) {
      const expected = await ask(one.port, path, { body });
      for (let i = 0; i < 4; i++) expect(await ask(rest.port, path, { body })).toEqual(expected);
    }
  });

  it('batches within each thread', async () => {
    const { rest } = await serveFixtures(['half_plus_two'], { batching: { maxBatchSize: 64, batchTimeoutMs: 1 } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => ask(rest.port, PREDICT, { body: BODY })));
    for (const { body } of answers) expect(JSON.parse(body)).toEqual({ predictions: [3.5, 4, 5.5] });
  });

  it('logs sampled requests where the collector is', async () => {
    const logged: unknown[] = [];
    const { server, rest } = await serveFixtures(['half_plus_two', 'strings']);
    await server.reload({
      models: server.modelNames.map((name) => ({
        name,
        basePath: fixturePath(name),
        loggingConfig: {
          logCollector: (log) => {
            logged.push(log);
          },
          samplingConfig: { samplingRate: 1 },
        },
      })),
    });
    await ask(rest.port, PREDICT, { body: BODY });
    expect(logged).toMatchObject([
      {
        api: 'Predict',
        logMetadata: { modelSpec: { name: 'half_plus_two', version: 124 }, savedModelTags: ['serve'] },
      },
    ]);
  });

  it('serves from one thread where "auto" finds a platform whose models run in one only, and refuses more', async () => {
    const words = platformFromLoader(() => simpleLoader({ load: async () => new Map() }));
    const server = await ModelServer.start({ models: [], platforms: { words } });
    onTestFinished(() => server.close());
    await expect(RestServer.listen(server, { port: 0, threads: 2 })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('models of the platform "words" run only in the thread that loaded them'),
    });
    await using rest = await RestServer.listen(server, { port: 0, threads: 'auto' });
    expect((await ask(rest.port, '/v1/models/none')).status).toBe(404);
  });

  it.each([0, 1.5, -1, 'many'])('refuses %s threads', async (threads) => {
    await expect(RestServer.check({ port: 0, threads: threads as number })).rejects.toThrow('threads');
  });

  it('refuses an extension that only this thread has', async () => {
    const extensions = [{ module: { createHttpExtension: () => undefined } }];
    await expect(serveFixtures([], { rest: { extensions } })).rejects.toThrow('extensions[0]: with several threads');
  });
});
