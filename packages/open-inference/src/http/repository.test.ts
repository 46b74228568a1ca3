import { ServingError } from '@serving/core';
import { observeServing, type RequestTrace } from '@serving/core/diagnostics';
import { Gate } from '@serving/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gated, halfPlusTwo, multi, ProtocolServer, x } from '../protocol-server.test-support.js';

const allowed = { openInference: { modelControl: true } };

async function index(server: ProtocolServer, body = ''): Promise<unknown> {
  const { status, text } = await server.send('POST', '/v2/repository/index', body);
  return status === 200 ? JSON.parse(text) : status;
}

async function statisticsOf(server: ProtocolServer, model: string) {
  const { text } = await server.get(`/v2/models/${model}/stats`);
  return JSON.parse(text).model_stats[0];
}

const errorOf = ({ status, text }: { status: number; text: string }) => [status, JSON.parse(text).error];

describe('the repository', () => {
  it('lists every version with its state', async () => {
    const server = await ProtocolServer.during({
      models: {
        good: { versions: { 9: halfPlusTwo(), 10: halfPlusTwo() }, versionPolicy: { all: {} } },
        bad: halfPlusTwo(),
      },
      onLoader: (loader, { name }) => {
        loader.onLoad = () => (name === 'bad' ? Promise.reject(new ServingError('DATA_LOSS', 'torn file')) : undefined);
      },
    });
    const good = [
      { name: 'good', version: '9', state: 'READY', reason: '' },
      { name: 'good', version: '10', state: 'READY', reason: '' },
    ];
    expect(await index(server)).toEqual([
      { name: 'bad', version: '1', state: 'UNAVAILABLE', reason: 'Failed to load {name: bad version: 1}: torn file' },
      ...good,
    ]);
    expect(await index(server, '{"ready":true}')).toEqual(good);
    expect(await index(server, '{"ready":false}')).toHaveLength(3);
    expect(await index(server, '{"ready":1}')).toBe(400);
    expect(await index(server, '[]')).toBe(400);
    expect(await index(server, '{')).toBe(400);
    expect((await server.get('/v2/health/ready')).status).toBe(503);
    expect(JSON.parse((await server.get('/v2/models/bad/ready')).text)).toEqual({
      name: 'bad',
      ready: false,
      error: 'Model "bad": version 1 failed to load: Failed to load {name: bad version: 1}: torn file',
    });
    expect(errorOf(await server.infer('bad', x([1, 2, 5])))).toEqual([503, expect.stringContaining('torn file')]);
    expect(errorOf(await server.get('/v2/models/bad'))).toEqual([503, expect.stringContaining('torn file')]);
    expect(errorOf(await server.get('/v2/models/bad/stats'))).toEqual([404, expect.stringContaining('torn file')]);
  });

  it('lists a version that loads, which is not ready', async () => {
    const gate = new Gate();
    const server = await ProtocolServer.during({
      models: { m: { versions: { 1: halfPlusTwo() }, versionPolicy: { all: {} } } },
      onLoader: (loader, { version }) => {
        loader.onLoad = () => (version === 2 ? gate.opened : undefined);
      },
    });
    const added = server.test.addVersion('m', 2, halfPlusTwo());
    await server.test.waitUntil({ name: 'm', version: 2 }, ['loading']);
    expect(await index(server)).toMatchObject([
      { version: '1', state: 'READY' },
      { version: '2', state: 'LOADING' },
    ]);
    expect((await server.get('/v2/models/m/versions/2/ready')).status).toBe(503);
    expect((await server.get('/v2/models/m/ready')).status).toBe(200);
    expect((await server.get('/v2/health/ready')).status).toBe(200);
    gate.open();
    await added;
  });

  it('unloads a model after its requests in flight, and loads it again', async () => {
    const gate = new Gate();
    const server = await ProtocolServer.during({ models: { slow: gated(gate) }, ...allowed });
    const running = server.infer('slow', x([1, 2, 5]));
    await expect.poll(() => index(server)).toMatchObject([{ state: 'READY' }]);
    await expect.poll(async () => (await statisticsOf(server, 'slow')) !== undefined).toBe(true);
    const unloading = server.send(
      'POST',
      '/v2/repository/models/slow/unload',
      '{"parameters":{"unload_dependents":false}}',
    );
    await expect.poll(() => index(server)).toMatchObject([{ state: 'UNLOADING' }]);
    gate.open();
    expect((await running).status).toBe(200);
    expect(await unloading).toMatchObject({ status: 200, text: '{}' });
    expect(await index(server)).toEqual([{ name: 'slow', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' }]);
    expect(errorOf(await server.infer('slow', x([1, 2, 5])))).toEqual([503, 'Model "slow" is unloaded']);
    expect((await server.get('/v2/health/ready')).status).toBe(200);
    expect((await server.send('POST', '/v2/repository/models/slow/unload')).status).toBe(200);
    expect((await server.send('POST', '/v2/repository/models/slow/load', '{}')).status).toBe(200);
    expect((await server.infer('slow', x([1, 2, 5]))).status).toBe(200);
  });

  it('answers a load that fails with the reason', async () => {
    let fails = false;
    const server = await ProtocolServer.during({
      models: { m: halfPlusTwo() },
      onLoader: (loader) => {
        loader.onLoad = () => (fails ? Promise.reject(new Error('no memory')) : undefined);
      },
      ...allowed,
    });
    await server.send('POST', '/v2/repository/models/m/unload');
    fails = true;
    const answer = await server.send('POST', '/v2/repository/models/m/load');
    expect(errorOf(answer)).toEqual([400, expect.stringMatching(/^Model "m" failed to load: .*no memory/)]);
  });

  it.each([
    ['none/load', '', 404, 'Unknown model "none"'],
    ['none/unload', '', 404, 'Unknown model "none"'],
    ['H/load', '{"parameters":{"config":"{}"}}', 400, '"config" of load is not supported'],
    ['H/unload', '{"parameters":{"unload_dependents":1}}', 400, 'must be true or false'],
    ['H/unload', '{"parameters":[]}', 400, '"parameters" must be an object'],
  ])('refuses %s %s', async (path, body, status, error) => {
    const server = await ProtocolServer.during(allowed);
    const answer = await server.send('POST', `/v2/repository/models/${path}`, body);
    expect(errorOf(answer)).toEqual([status, expect.stringContaining(error)]);
  });

  it('is not changed by clients unless they are allowed to, and has one name', async () => {
    const server = await ProtocolServer.during();
    for (const kind of ['load', 'unload']) {
      expect((await server.send('POST', `/v2/repository/models/H/${kind}`)).status).toBe(503);
      expect((await server.send('POST', `/v2/repository/other/models/H/${kind}`)).status).toBe(501);
    }
    expect((await server.infer('H', x([1, 2, 5]))).status).toBe(200);
  });
});

describe('the health of a server', () => {
  it('is not ready while it drains', async () => {
    const server = await ProtocolServer.during();
    server.server.drain();
    const { status, text } = await server.get('/v2/health/ready');
    expect([status, JSON.parse(text)]).toEqual([503, { ready: false, error: 'The server is draining' }]);
    expect((await server.get('/v2/health/live')).status).toBe(200);
  });
});

describe('limits of time', () => {
  it('end a request at its timeout', async () => {
    const gate = new Gate();
    const slow = gated(gate);
    const server = await ProtocolServer.during({ models: { slow } });
    // A slow machine may let a short time pass before the run begins.
    for (let timeout = 1; slow.calls.length === 0; timeout = 2 * timeout + 10_000) {
      expect((await server.infer('slow', { ...x([1, 2, 5]), parameters: { timeout } })).status).toBe(504);
    }
    const { inference_stats: stats } = await statisticsOf(server, 'slow');
    expect(stats).toMatchObject({ success: { count: 0 }, fail: { count: 1 } });
    gate.open();
  });

  it('end a request at the time-out of the API', async () => {
    const gate = new Gate();
    const server = await ProtocolServer.during({ models: { slow: gated(gate) }, rest: { timeoutMs: 20 } });
    expect((await server.infer('slow', x([1, 2, 5]))).status).toBe(504);
    gate.open();
  });
});

describe('requests that are observed', () => {
  it('have an entrypoint of their own, and probes none', async () => {
    const server = await ProtocolServer.during();
    const told: string[] = [];
    const onResponse = ({ entrypoint, api, model, version, signature, status }: RequestTrace) =>
      void told.push(`${entrypoint} ${api} ${model} ${version} ${signature} ${status}`);
    onTestFinished(observeServing({ onResponse }));
    await server.get('/v2/health/ready');
    await server.infer('H', x([1, 2, 5]));
    await server.infer('none', x([1, 2, 5]));
    await server.get('/v2/models/H');
    expect(told).toEqual([
      'OPEN_INFERENCE Predict H 124 serving_default OK',
      'OPEN_INFERENCE Predict none undefined undefined NOT_FOUND',
      'OPEN_INFERENCE GetModelMetadata H undefined undefined OK',
    ]);
  });
});

describe('statistics', () => {
  it('count requests, rows and runs', async () => {
    const server = await ProtocolServer.during({ models: { M: multi(), H: halfPlusTwo() } });
    const blank = await statisticsOf(server, 'M');
    expect(blank).toMatchObject({ name: 'M', version: '1', last_inference: 0, inference_count: 0, response_stats: {} });
    const boom = { ...x([1, 2, 5]), parameters: { signature_name: 'boom' } };
    expect((await server.infer('M', boom)).status).toBe(500);
    expect((await server.infer('M', x([1, 2, 5]))).status).toBe(400);
    await server.infer('H', x([1, 2, 5]));
    await server.infer('H', x([1], [1, 1]));
    const { inference_stats: failed } = await statisticsOf(server, 'M');
    expect(failed).toMatchObject({ success: { count: 0 }, fail: { count: 1 } });
    const counted = await statisticsOf(server, 'H');
    expect(counted).toMatchObject({
      inference_count: 4,
      execution_count: 2,
      inference_stats: {
        success: { count: 2 },
        fail: { count: 0 },
        queue: { count: 2 },
        compute_input: { count: 2 },
        compute_infer: { count: 2 },
        compute_output: { count: 2 },
      },
      batch_stats: [{ batch_size: 1 }, { batch_size: 3, compute_infer: { count: 1 } }],
    });
    expect(counted.inference_stats.success.ns).toBeGreaterThan(counted.inference_stats.compute_infer.ns);
    expect(counted.last_inference).toBeGreaterThan(1e12);
    const all = JSON.parse((await server.get('/v2/models/stats')).text).model_stats;
    expect(all.map(({ name }: { name: string }) => name)).toEqual(['H', 'M']);
    expect((await server.get('/v2/models/none/stats')).status).toBe(404);
    expect((await server.get('/v2/models/H/versions/2/stats')).status).toBe(404);
    expect((await server.get('/v2/models/H/versions/1/stats')).status).toBe(200);
  });

  it('count a batch once, with the rows of its requests', async () => {
    const server = await ProtocolServer.during({
      models: { H: halfPlusTwo() },
      batching: { maxBatchSize: 6, batchTimeoutMs: 10_000 },
    });
    const answers = await Promise.all([server.infer('H', x([1, 2, 5])), server.infer('H', x([1, 2, 5]))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await statisticsOf(server, 'H')).toMatchObject({
      inference_count: 6,
      execution_count: 1,
      inference_stats: { success: { count: 2 } },
      batch_stats: [{ batch_size: 6, compute_infer: { count: 1 } }],
    });
  });
});
