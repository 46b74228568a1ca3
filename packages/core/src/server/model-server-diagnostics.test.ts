import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type BatchEvent,
  type LoadEvent,
  observeServing,
  type RequestStageEvent,
  type RequestTrace,
  requestsAreObserved,
} from '../diagnostics/index.js';
import { ServerHarness } from './model-server.test-support.js';

/** Everything that the channels publish during a test, in order. */
function listen() {
  const told: string[] = [];
  const requests: RequestTrace[] = [];
  const stages: RequestStageEvent[] = [];
  const batches: BatchEvent[] = [];
  const loads: LoadEvent[] = [];
  const stop = observeServing({
    onRequest: (request) => {
      told.push(`request ${request.model}`);
      requests.push(request);
    },
    onStage: (event) => {
      told.push(event.error ? `${event.stage} ${event.error.code}` : event.stage);
      stages.push(event);
    },
    onBatch: (event) => {
      told.push(`batch of ${event.requests.length}`);
      batches.push(event);
    },
    onResponse: ({ status }) => told.push(`response ${status}`),
    onLoad: (event) => loads.push(event),
  });
  onTestFinished(stop);
  return { told, requests, stages, batches, loads, stop };
}

async function start(options: Parameters<ServerHarness['start']>[0] = {}) {
  const harness = new ServerHarness();
  harness.storage.add('m', 1);
  const server = await harness.start({ models: [{ name: 'm', basePath: 'm' }], ...options });
  return { harness, server };
}

describe('ModelServer on its diagnostics channels', () => {
  it('tells a predict stage by stage, on one object', async () => {
    const { server } = await start();
    const { told, requests } = listen();
    await server.predict({ model: 'm', inputs: { x: [1] } });
    expect(told).toEqual(['request m', 'decode', 'run', 'response OK']);
    expect(requests[0]).toMatchObject({ server, api: 'Predict', entrypoint: 'IN_PROCESS', model: 'm', version: 1 });
    expect(requests[0]).toMatchObject({ signature: 'serving_default', status: 'OK', startTime: 0, endTime: 0 });
    expect(requests[0]).toMatchObject({ stageMs: { decode: 0, run: 0 }, ranInline: false });
  });

  it.each([
    [{ model: 'nope', inputs: {} }, ['request nope', 'decode NOT_FOUND', 'response NOT_FOUND']],
    [{ model: 'm', inputs: {} }, ['request m', 'decode INVALID_ARGUMENT', 'response INVALID_ARGUMENT']],
    [
      { model: 'm', inputs: { x: [1] }, signal: AbortSignal.abort() },
      ['request m', 'decode', 'run CANCELLED', 'response CANCELLED'],
    ],
  ])('tells where %j failed', async (request, expected) => {
    const { server } = await start();
    const { told } = listen();
    await expect(server.predict(request)).rejects.toThrow();
    expect(told).toEqual(expected);
  });

  it('tells classify and regress', async () => {
    const { server } = await start();
    const { told, requests } = listen();
    await expect(server.classify({ model: 'm', examples: [{}] })).rejects.toThrow();
    await expect(server.regress({ model: 'm', examples: [{}] })).rejects.toThrow();
    expect(requests.map(({ api }) => api)).toEqual(['Classify', 'Regress']);
    expect(told.filter((what) => what.startsWith('response'))).toHaveLength(2);
  });

  it('tells a batch with its requests, and each request’s time in the queue', async () => {
    const { harness, server } = await start({ batching: { maxBatchSize: 4, batchTimeoutMs: 5 } });
    const { told, requests, stages, batches } = listen();
    const predict = (x: number[]) => server.predict({ model: 'm', inputs: { x } });
    const outputs = Promise.allSettled([predict([1]), predict([2, 3])]);
    await harness.clock.advance(5);
    await outputs;
    expect(told.slice(0, 4)).toEqual(['request m', 'decode', 'request m', 'decode']);
    expect(told.slice(4, 7)).toEqual(['queue', 'queue', 'batch of 2']);
    expect(batches).toEqual([
      expect.objectContaining({
        servable: { name: 'm', version: 1 },
        signature: 'serving_default',
        size: 3,
        padding: 0,
      }),
    ]);
    expect(batches[0]!.requests).toEqual(requests);
    const queued = stages.filter(({ stage }) => stage === 'queue');
    expect(queued.map(({ startTime, endTime }) => endTime - startTime)).toEqual([5, 5]);
  });

  it('links a request that runs in several pieces to each batch once', async () => {
    const { harness, server } = await start({ batching: { maxBatchSize: 2, batchTimeoutMs: 5 } });
    const { batches, stages } = listen();
    const predicted = server.predict({ model: 'm', inputs: { x: [1, 2, 3] } }).catch(() => undefined);
    await harness.clock.advance(5);
    await predicted;
    expect(batches.map(({ size }) => size)).toEqual([2, 1]);
    expect(batches.every(({ requests }) => requests.length === 1)).toBe(true);
    expect(stages.map(({ stage }) => stage)).toEqual(['decode', 'queue', 'run']);
  });

  it('tells each attempt of a load', async () => {
    const { loads } = listen();
    const harness = new ServerHarness();
    harness.storage.add('m', 1, 2);
    harness.fail({ m: 2 });
    await harness.start({ models: [{ name: 'm', basePath: 'm', versionPolicy: { all: {} } }] });
    const outcomes = loads.map(({ servable, error }) => [servable.version, error?.code]);
    expect(outcomes.sort()).toEqual([
      [1, undefined],
      [2, 'DATA_LOSS'],
    ]);
  });

  it('traces nothing without subscribers, or with subscribers to loads alone', async () => {
    expect(requestsAreObserved()).toBe(false);
    const stop = observeServing({ onLoad: () => undefined });
    expect(requestsAreObserved()).toBe(false);
    stop();
    const { stop: stopAll } = listen();
    expect(requestsAreObserved()).toBe(true);
    stopAll();
    expect(requestsAreObserved()).toBe(false);
  });
});
