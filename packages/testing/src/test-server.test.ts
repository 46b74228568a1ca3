import { setImmediate } from 'node:timers/promises';
import { ServingError } from '@serving/core';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeServable } from './fake-servable.js';
import { FakeStorage } from './fake-storage.js';
import { Gate } from './gate.js';
import { isSettled, ManualClock } from './manual-clock.js';
import { savedModelFixture } from './saved-model-fixture.js';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.js';

const plus = (n: number) =>
  fakeServable({
    inputs: { x: { dtype: 'float', shape: [-1] } },
    outputs: { y: { dtype: 'float', shape: [-1] } },
    run: ({ x }) => ({ y: { shape: x.shape, data: x.data.map((value) => value + n) } }),
  });

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: TestServerOptions): Promise<TestServer> {
  const server = await startTestServer(options);
  servers.push(server);
  return server;
}

async function predict({ server }: TestServer, model = 'm', x = 0, label?: string): Promise<number | undefined> {
  const { outputs } = await server.predict({ model, inputs: { x: [x] }, ...(label && { label }) });
  return (outputs.y!.data as Float32Array)[0];
}

describe('startTestServer', () => {
  it('serves fakes in process and over REST', async () => {
    const test = await start({ models: { m: plus(1), other: plus(2) } });
    expect([await predict(test), await predict(test, 'other')]).toEqual([1, 2]);
    const answer = await test.fetch('/v1/models/m:predict', { method: 'POST', body: '{"instances": [1]}' });
    expect(await answer.json()).toEqual({ predictions: [2] });
  });

  it('swaps versions that come and go', async () => {
    const test = await start({ models: { m: { versions: { 1: plus(1) } } } });
    await test.addVersion('m', 2, plus(2));
    expect(await predict(test)).toBe(2);
    await test.waitUntil({ name: 'm', version: 1 }, ['end']);
    await test.addVersion('m', 1, plus(1));
    await test.removeVersion('m', 2);
    await test.waitUntil({ name: 'm', version: 2 }, ['end']);
    expect(await predict(test)).toBe(1);
  });

  it('takes the model’s own options', async () => {
    const test = await start({
      models: {
        m: { versions: { 1: plus(1), 2: plus(2) }, versionPolicy: { all: {} }, versionLabels: { stable: 1 } },
      },
    });
    expect(await predict(test, 'm', 0, 'stable')).toBe(1);
  });

  it('lets a load fail or wait as the test says', async () => {
    const gate = new Gate();
    const test = await start({
      models: { m: plus(1), broken: plus(0) },
      onLoader(loader, { name, version }) {
        if (version === 2) loader.onLoad = () => gate.opened;
        if (name !== 'broken') return;
        loader.onLoad = () => {
          throw new ServingError('DATA_LOSS', 'no data');
        };
      },
    });
    expect(test.server.getModelStatus({ model: 'broken' })[0]!.status.errorMessage).toContain('no data');
    const added = test.addVersion('m', 2, plus(2));
    await test.waitUntil({ name: 'm', version: 2 }, ['loading']);
    expect(await predict(test)).toBe(1);
    gate.open();
    await added;
    expect(await predict(test)).toBe(2);
  });

  it('batches by the test’s clock', async () => {
    const clock = new ManualClock();
    const half = plus(1);
    const test = await start({ models: { m: half }, clock, batching: { batchTimeoutMs: 5 } });
    const answers = Promise.all([predict(test, 'm', 1), predict(test, 'm', 2)]);
    await clock.advance(4);
    expect(await isSettled(answers)).toBe(false);
    await clock.advance(1);
    expect(await answers).toEqual([2, 3]);
    expect(half.calls.length).toBe(1);
  });

  it('has real models beside fakes', async () => {
    const test = await start({
      models: { m: plus(1), half_plus_two: { basePath: savedModelFixture('half_plus_two') } },
      platforms: { tensorflow: savedModelPlatform() },
    });
    expect([await predict(test), await predict(test, 'half_plus_two', 5)]).toEqual([1, 4.5]);
  });

  it('takes a storage for its real models', async () => {
    const storage = new FakeStorage();
    storage.onList = (folder) => {
      throw new ServingError('PERMISSION_DENIED', `${folder} is locked`);
    };
    const test = await start({
      models: { m: plus(1), remote: { basePath: 'bucket/remote' } },
      platforms: { tensorflow: savedModelPlatform() },
      storage,
    });
    expect(await predict(test)).toBe(1);
    expect(() => test.server.getModelStatus({ model: 'remote' })).toThrow('bucket/remote is locked');
  });
});

describe('waitUntil', () => {
  it('resolves at once for a state that is, and later for one that comes', async () => {
    const test = await start({ models: { m: plus(1) } });
    expect(await test.waitUntil({ name: 'm', version: 1 }, ['end', 'available'])).toBe('available');
    const coming = test.waitUntil({ name: 'm', version: 2 }, ['available']);
    await setImmediate();
    expect(await isSettled(coming)).toBe(false);
    await test.addVersion('m', 2, plus(2));
    expect(await coming).toBe('available');
  });

  it('ends by its signal, and tells what the version is instead', async () => {
    const test = await start({ models: { m: plus(1) } });
    const controller = new AbortController();
    const waiting = test.waitUntil({ name: 'm', version: 1 }, ['end'], { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({
      code: 'CANCELLED',
      message: expect.stringContaining('available, not end'),
    });
  });
});
