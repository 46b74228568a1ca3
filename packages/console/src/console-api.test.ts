import { channel } from 'node:diagnostics_channel';
import { createFetchHandler } from '@serving/http';
import { fakeServable, ManualClock, settle, startTestServer, type TestServerOptions } from '@serving/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import type {
  ConsoleSnapshot,
  ConsoleTick,
  ModelHistory,
  ModelsChange,
  RequestTiming,
  VersionExamples,
} from './api/console-api.js';
import * as extension from './extension.js';
import type { ConsoleOptions } from './options.js';

const half = () =>
  fakeServable({
    inputs: { x: 'float' },
    outputs: { y: 'float' },
    run: ({ x }) => ({ y: { shape: x.shape, data: x.data.map((value) => value / 2) } }),
  });

/** A server behind a console, asked without sockets; time is the test's. */
async function start(options: ConsoleOptions = {}, more: Partial<TestServerOptions> = {}) {
  const clock = new ManualClock();
  const models = { half: { versions: { 1: half(), 2: half() }, versionPolicy: { all: {} } }, other: half() };
  const test = await startTestServer({ models, clock, ...more });
  onTestFinished(() => test.close({ timeoutMs: 0 }));
  const serve = createFetchHandler(test.server, { clock, extensions: [{ module: extension, options }] });
  const ask = (target: string, init: RequestInit = {}) => serve(new Request(`http://test${target}`, init));
  const get = async <T>(target: string): Promise<T> => (await ask(`/console/api/${target}`)).json() as Promise<T>;
  const act = (action: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(`/console/api/actions/${action}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const predict = (body = '{"instances": [1]}', headers: Record<string, string> = {}) =>
    ask('/v1/models/half:predict', { method: 'POST', body, headers });
  return { clock, server: test.server, test, ask, get, act, predict };
}

/** Reads events one by one. */
async function openEvents({ ask }: Pick<Awaited<ReturnType<typeof start>>, 'ask'>) {
  const response = await ask('/console/api/events');
  const reader = response.body!.getReader();
  onTestFinished(() => reader.cancel());
  let text = '';
  const next = async <T>(name: string): Promise<T> => {
    for (;;) {
      const found = new RegExp(`event: ${name}\\ndata: (.*)\\n\\n`).exec(text);
      if (found) {
        text = text.slice(found.index + found[0].length);
        return JSON.parse(found[1]!) as T;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error(`The stream ended before an event "${name}"`);
      text += Buffer.from(value).toString();
    }
  };
  return { response, reader, next };
}

const isObserved = (): boolean => channel('serving:request').hasSubscribers;

describe('GET api/snapshot', () => {
  it('tells the server, its models and versions, and what happened to them', async () => {
    const { get, clock } = await start({ grpcAddress: '127.0.0.1:8500' });
    const { server, models, log, time } = await get<ConsoleSnapshot>('snapshot');
    expect(time).toBe(clock.wallTime());
    expect(server).toMatchObject({
      nodeVersion: process.versions.node,
      pid: process.pid,
      state: 'serving',
      actions: [],
      apis: { v1: '../v1', grpc: '127.0.0.1:8500' },
    });
    expect(models.map(({ name }) => name)).toEqual(['half', 'other']);
    expect(models[0]).toMatchObject({ policy: 'all', isBatched: false, labels: {}, defaultVersion: '2', problems: [] });
    expect(models[0]?.versions.map(({ version, state }) => [version, state])).toEqual([
      ['2', 'AVAILABLE'],
      ['1', 'AVAILABLE'],
    ]);
    expect(models[0]?.versions[0]).toMatchObject({
      since: clock.wallTime(),
      why: 'chosen by the policy "all"',
      loadMs: 0,
      timeline: [{ state: 'START' }, { state: 'LOADING' }, { state: 'AVAILABLE' }],
    });
    expect(log.map(({ message }) => message)).toContain('Version 2 of model "half" is available');
  });

  it('tells addresses of the other APIs relative to a console further down', async () => {
    const { ask } = await start({ path: '/tools/console' });
    const { server } = (await (await ask('/tools/console/api/snapshot')).json()) as ConsoleSnapshot;
    expect(server.apis.v1).toBe('../../v1');
  });
});

describe('measuring', () => {
  it('begins when a page looks and ends ten seconds after', async () => {
    const { get, clock, predict } = await start();
    await predict();
    expect(isObserved()).toBe(false);
    const timers = clock.pendingTimers;
    await get('snapshot');
    expect(isObserved()).toBe(true);
    await clock.advance(11_000);
    expect(isObserved()).toBe(false);
    expect(clock.pendingTimers).toBe(timers);
  });

  it('goes on while an event stream is open', async () => {
    const console = await start();
    const { reader } = await openEvents(console);
    await console.clock.advance(60_000);
    expect(isObserved()).toBe(true);
    await reader.cancel();
    await console.clock.advance(11_000);
    expect(isObserved()).toBe(false);
  });

  it('counts requests, errors by code and inline runs, second by second', async () => {
    const console = await start();
    const { next } = await openEvents(console);
    await console.predict();
    await console.predict();
    await console.predict('{"instances": ["a"]}');
    await console.ask('/v1/models/nothing:predict', { method: 'POST', body: '{"instances": [1]}' });
    await next<ConsoleTick>('tick');
    await console.clock.advance(1000);
    const { models } = await next<ConsoleTick>('tick');
    expect(models).toEqual({
      half: {
        requests: 3,
        errors: 1,
        errorsByCode: { INVALID_ARGUMENT: 1 },
        inFlight: 0,
        latency: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
        stages: { decode: 0, run: 0, encode: 0 },
        batchSizes: {},
        closeReasons: {},
        inlineRuns: 0,
        threadedRuns: 2,
      },
    });
    await console.clock.advance(10_000);
    const history = await console.get<ModelHistory>('models/half/history');
    expect(history.seconds.map(({ requests }) => requests)).toEqual([3]);
    expect(history.tenSeconds).toMatchObject([{ requests: 3, errorsByCode: { INVALID_ARGUMENT: 1 } }]);
    expect(history.measured).toEqual([{ since: 1_700_000_000_000 }]);
  });

  it('counts batches by size and by why they closed', async () => {
    const console = await start({}, { batching: { maxBatchSize: 2, batchTimeoutMs: 5 } });
    const { next } = await openEvents(console);
    await next('tick');
    const predict = () => console.server.predict({ model: 'half', inputs: { x: [1] } });
    await Promise.all([predict(), predict()]);
    const late = predict();
    await console.clock.advance(5);
    await late;
    await console.clock.advance(995);
    const { models } = await next<ConsoleTick>('tick');
    expect(models.half).toMatchObject({ batchSizes: { 1: 1, 2: 1 }, closeReasons: { full: 1, timeout: 1 } });
  });

  it('keeps an hour of samples and no more', async () => {
    const console = await start();
    const { reader } = await openEvents(console);
    const ended = (async () => {
      while (!(await reader.read()).done);
    })();
    for (let minute = 0; minute < 62; minute++) {
      await console.predict();
      for (let second = 0; second < 60; second++) await console.clock.advance(1000);
    }
    const { seconds, tenSeconds } = await console.get<ModelHistory>('models/half/history');
    expect(seconds).toHaveLength(5);
    expect(tenSeconds).toHaveLength(60);
    await reader.cancel();
    await ended;
  });
});

describe('GET api/events', () => {
  it('sends the models that change, and the log', async () => {
    const console = await start();
    const { next, response } = await openEvents(console);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    await console.server.removeModel('other');
    await console.clock.advance(100);
    const { names, changed } = await next<ModelsChange>('models');
    expect([names, changed.map(({ name }) => name)]).toEqual([['half'], ['half']]);
    const { server } = console;
    void server.reload({ models: [] });
    await settle();
    await console.clock.advance(100);
    expect(await next<{ message: string }>('log')).toMatchObject({ level: 'info' });
  });

  it('sends the timing of a request that has an id', async () => {
    const console = await start();
    const { next } = await openEvents(console);
    await console.predict(undefined, { 'console-request': 'try 1' });
    expect(await next<RequestTiming>('timing')).toMatchObject({
      id: 'try 1',
      model: 'half',
      version: '2',
      signature: 'serving_default',
      status: 'OK',
      stages: { decode: 0, run: 0, encode: 0 },
    });
  });

  it('ends when the server drains, and is refused from then on', async () => {
    const console = await start();
    const { reader } = await openEvents(console);
    console.server.drain();
    for (let done = false; !done; ) ({ done } = await reader.read());
    expect(isObserved()).toBe(false);
    expect((await console.ask('/console/api/events')).status).toBe(503);
    expect((await console.ask('/console/api/snapshot')).status).toBe(200);
    expect(isObserved()).toBe(false);
  });
});

describe('GET api/models/MODEL/versions/VERSION', () => {
  it('tells the signatures', async () => {
    const { get, ask } = await start();
    expect(await get('models/half/versions/2/signatures')).toEqual({
      model: 'half',
      version: '2',
      signatures: [
        {
          name: 'serving_default',
          methodName: 'tensorflow/serving/predict',
          inputs: [{ name: 'x', dtype: 'DT_FLOAT', datatype: 'FP32' }],
          outputs: [{ name: 'y', dtype: 'DT_FLOAT', datatype: 'FP32' }],
        },
      ],
    });
    expect((await ask('/console/api/models/half/versions/7/signatures')).status).toBe(404);
    expect((await ask('/console/api/models/half/versions/seven/signatures')).status).toBe(400);
  });

  it('has no examples without a warm-up file', async () => {
    const { get } = await start();
    expect(await get('models/half/versions/1/examples')).toEqual({ model: 'half', version: '1', examples: [] });
  });

  it('has the requests that were logged while a page looked as examples, newest first', async () => {
    const loggingConfig = { logCollector: { collect: () => undefined }, samplingConfig: { samplingRate: 1 } };
    const models = { half: { versions: { 2: half() }, loggingConfig }, other: half() };
    const { get, clock, predict } = await start({}, { models });
    await predict('{"instances": [1, 2]}');
    await get('snapshot');
    await predict('{"instances": [3]}');
    await predict(JSON.stringify({ instances: new Array(70_000).fill(1) }));
    await clock.advance(1000);
    await predict('{"instances": [4.5]}');
    const { examples } = await get<VersionExamples>('models/half/versions/2/examples');
    expect(examples).toEqual([
      { title: 'logged at 22:13:21 UTC', signature: 'serving_default', inputs: { x: [4.5] } },
      { title: 'logged at 22:13:20 UTC', signature: 'serving_default', inputs: { x: [3] } },
    ]);
    expect(await get<VersionExamples>('models/other/versions/1/examples')).toMatchObject({ examples: [] });
    await clock.advance(20_000);
    expect(await get<VersionExamples>('models/half/versions/2/examples')).toMatchObject({ examples: [] });
  });
});

describe('POST api/actions', () => {
  it('is refused by a read-only console', async () => {
    const { act, server } = await start();
    const refused = await act('unload', { model: 'half' });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual({
      error: 'The console is read-only: mount it with actions: true (--console_actions)',
    });
    expect(server.getModelStatus({ model: 'half' })[0]?.state).toBe('AVAILABLE');
  });

  it('unloads, loads, polls and moves labels', async () => {
    const { act, get } = await start({ actions: true });
    const infos = async () => (await get<ConsoleSnapshot>('snapshot')).models[0]!;
    expect((await get<ConsoleSnapshot>('snapshot')).server.actions).toEqual(['poll', 'label', 'unload', 'load']);
    expect((await act('label', { model: 'half', label: 'best', version: '1' })).status).toBe(200);
    expect((await infos()).labels).toEqual({ best: '1' });
    expect((await infos()).versions[1]?.labels).toEqual(['best']);
    expect((await act('label', { model: 'half', label: 'best' })).status).toBe(200);
    expect((await infos()).labels).toEqual({});
    expect((await act('unload', { model: 'half' })).status).toBe(200);
    expect(await infos()).toMatchObject({
      isParked: true,
      versions: [{ state: 'END', why: 'unloaded by request' }, {}],
    });
    expect((await act('load', { model: 'half' })).status).toBe(200);
    expect(await infos()).toMatchObject({ isParked: false, defaultVersion: '2' });
    expect((await act('poll', {})).status).toBe(200);
  });

  it.each([
    ['an unknown action', 'pol', {}, {}, 404, 'Unknown action "pol"; did you mean "poll"?'],
    ['an unknown model', 'unload', { model: 'x' }, {}, 404, 'Model x is not configured'],
    ['a missing field', 'unload', {}, {}, 400, '"model" must be a text that is not empty (got none)'],
    ['a wrong version', 'label', { model: 'half', label: 'a', version: 'b' }, {}, 400, /b/],
    [
      'a version that is not there',
      'label',
      { model: 'half', label: 'a', version: '9' },
      {},
      400,
      /not currently available/,
    ],
    ['a server without a configuration to read', 'reload', {}, {}, 400, /no configuration to read again/],
    ['a body that is not an object', 'poll', [1], {}, 400, 'The body of an action must be a JSON object'],
    ['a form of another site', 'poll', {}, { 'content-type': 'text/plain' }, 400, /Content-Type application\/json/],
    ['another site', 'poll', {}, { 'sec-fetch-site': 'cross-site' }, 403, /the console's own pages/],
  ])('refuses %s', async (_, action, body, headers, status, message) => {
    const { act } = await start({ actions: true });
    const refused = await act(action, body, headers as Record<string, string>);
    expect(refused.status).toBe(status);
    const { error } = (await refused.json()) as { error: string };
    if (typeof message === 'string') expect(error).toBe(message);
    else expect(error).toMatch(message);
  });
});
