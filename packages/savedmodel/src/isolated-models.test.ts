import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelServer, type ModelServerOptions, ServingError } from '@serving/core';
import { type ModelProcessEvent, observeServing } from '@serving/core/diagnostics';
import { createTensor } from '@serving/core/tensor';
import type { ModelProcessOptions } from '@serving/engine';
import { type OnnxPlatformOptions, onnxPlatform } from '@serving/runtime-onnx';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Ask, scriptedRuntime } from '../../engine/src/isolation/scripted-engine.test-support.js';
import { fixturePath } from '../../test-doubles/src/saved-model-fixtures.js';
import type { SavedModelOptions } from './saved-model-options.js';
import { savedModelPlatform } from './saved-model-platform.js';

const basePath = dirname(fixturePath('half_plus_two_tf2', 123));
let events: ModelProcessEvent[] = [];
let onEvent: (event: ModelProcessEvent) => void = () => {};
let servers: ModelServer[] = [];

beforeEach(() => {
  const stop = observeServing({
    onModelProcess: (event) => {
      events.push(event);
      onEvent(event);
    },
  });
  onTestFinished(stop);
});

afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  [servers, events, onEvent] = [[], [], () => {}];
});

async function start(
  options: SavedModelOptions,
  more: Partial<ModelServerOptions> & { readonly modelOptions?: SavedModelOptions } = {},
): Promise<ModelServer> {
  const { modelOptions, ...rest } = more;
  const server = await ModelServer.start({
    models: [{ name: 'm', basePath, ...(modelOptions && { options: modelOptions }) }],
    platforms: { tensorflow: savedModelPlatform(options) },
    ...rest,
  });
  servers.push(server);
  return server;
}

async function predict(server: ModelServer, ...x: number[]): Promise<number[]> {
  const { outputs } = await server.predict({ model: 'm', inputs: { x } });
  return [...(outputs.y!.data as Float32Array)];
}

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (value) => `no failure: ${JSON.stringify(value)}`,
    (error: unknown) => `${ServingError.from(error).code}: ${ServingError.from(error).message}`,
  );

/** Resolves when the process was ended by the signal, and another one has loaded the model. */
function killed(signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    onEvent = ({ kind }) => {
      if (kind === 'started') resolve();
    };
    process.kill(pid(), signal);
  });
}

const pid = (): number => events.findLast(({ kind }) => kind === 'started')!.pid!;

/** Resolves when the version has ended. */
function ended(server: ModelServer): Promise<string> {
  return new Promise((resolve) => {
    server.on('servable:end', ({ error }) => resolve(`${error?.code}: ${error?.message}`));
  });
}

const isolated = (process: ModelProcessOptions = {}): SavedModelOptions => ({ isolation: 'process', process });

describe('a SavedModel in a process of its own', () => {
  it.each(['tensorflow', 'onnx'] as const)(
    'is served by %s, and again after its process was killed',
    async (engine) => {
      const server = await start({ engine, isolation: 'process', intraOpThreads: 1 });
      expect(await predict(server, 1, 2, 5)).toEqual([2.5, 3, 4.5]);
      expect(server.getModelStatus({ model: 'm' })).toMatchObject([{ state: 'AVAILABLE', engine }]);
      const large = new Array<number>(50_000).fill(3);
      expect(await predict(server, ...large)).toEqual(new Array(50_000).fill(3.5));
      const first = pid();
      await killed('SIGKILL');
      expect(await predict(server, 1)).toEqual([2.5]);
      expect(pid()).not.toBe(first);
      expect(server.getModelStatus({ model: 'm' })).toMatchObject([{ state: 'AVAILABLE' }]);
    },
  );

  it('runs beside one in the host, which goes on when the process ends', async () => {
    const server = await start(
      { engine: 'onnx' },
      {
        models: [
          { name: 'm', basePath, options: { isolation: 'process' } },
          { name: 'host', basePath },
        ],
      },
    );
    await predict(server, 1);
    const back = killed('SIGSEGV');
    const { outputs } = await server.predict({ model: 'host', inputs: { x: [1] } });
    expect(outputs.y!.data).toEqual(Float32Array.of(2.5));
    await back;
    expect(await predict(server, 1)).toEqual([2.5]);
    expect(events.map(({ kind, servable, signal }) => [kind, servable?.name, signal])).toEqual([
      ['started', 'm', undefined],
      ['ended', 'm', 'SIGSEGV'],
      ['started', 'm', undefined],
    ]);
  });

  it('ends with the reason in its status when its process ended too often', async () => {
    const server = await start({ engine: scriptedRuntime(), ...isolated({ maxDeathsPerMinute: 0 }) });
    const end = ended(server);
    const reason =
      "The model's process ended 1 times within a minute (maxDeathsPerMinute is 0); the last time it was ended by SIGABRT (model m version 123)";
    expect(await failure(predict(server, Ask.abort))).toMatch(/^UNAVAILABLE: The model's process was ended by SIGABRT/);
    expect(await end).toBe(`UNAVAILABLE: ${reason}`);
    expect(server.getModelStatus({ model: 'm' })).toMatchObject([
      { state: 'END', status: { errorCode: 'UNAVAILABLE', errorMessage: reason } },
    ]);
    expect(await failure(predict(server, 1))).toMatch(/^NOT_FOUND/);
  });

  it('fails only the bad requests of 16 good clients and one bad, in batches', async () => {
    const server = await start(
      { engine: scriptedRuntime(), ...isolated({ maxDeathsPerMinute: false }) },
      { batching: { maxBatchSize: 32, batchTimeoutMs: 2 } },
    );
    const outcomes = new Map<string, number>();
    const count = (outcome: string): void => void outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    let badLeft = 1;
    const good = async (value: number): Promise<void> => {
      while (badLeft > 0) {
        const outcome = await predict(server, value).catch((error: unknown) => String(error));
        count(outcome[0] === 2 * value ? 'good answered' : `good: ${outcome}`);
        await new Promise(setImmediate);
      }
    };
    const bad = async (): Promise<void> => {
      for (; badLeft > 0; badLeft--) count(await failure(predict(server, Ask.abort)));
    };
    await Promise.all([...Array.from({ length: 16 }, (_, i) => good(i + 1)), bad()]);
    expect([...outcomes.keys()].sort()).toEqual([
      "UNAVAILABLE: The model's process was ended by SIGABRT (model m version 123)",
      'good answered',
    ]);
    expect(outcomes.get("UNAVAILABLE: The model's process was ended by SIGABRT (model m version 123)")).toBe(1);
    // One with others, one alone.
    expect(events.filter(({ kind }) => kind === 'ended').length).toBeLessThanOrEqual(2);
  });

  it('whose process ends during its warm-up fails to load, and is loaded by the next attempt', async () => {
    let attempts = 0;
    const warmup = { requests: () => [{ predict: { inputs: { x: [attempts++ === 0 ? Ask.abort : 1] } } }] };
    const failures: string[] = [];
    const server = await start(
      { engine: scriptedRuntime(), isolation: 'process', warmup },
      {
        loadRetryIntervalMs: 0,
        startPolicy: 'none',
        on: {
          'servable:loading': ({ error }) => {
            if (error) failures.push(error.message);
          },
        },
      },
    );
    if (!server.getModelStatus({ model: 'm' }).some(({ state }) => state === 'AVAILABLE')) {
      await new Promise<void>((resolve) => server.on('servable:available', () => resolve()));
    }
    expect(await predict(server, 1)).toEqual([2]);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toContain("The model's process was ended by SIGABRT");
  });

  it('is warmed up again before its next process takes requests', async () => {
    const order: string[] = [];
    const warmup = {
      requests: () => {
        order.push('warm-up');
        return [{ predict: { inputs: { x: [3] } } }];
      },
    };
    const server = await start({ engine: 'onnx', isolation: 'process', warmup });
    expect(await predict(server, 1)).toEqual([2.5]);
    onEvent = ({ kind }) => void order.push(kind);
    process.kill(pid(), 'SIGKILL');
    while (!order.includes('ended')) await new Promise(setImmediate);
    expect(await predict(server, 2)).toEqual([3]);
    expect(order).toEqual(['warm-up', 'ended', 'warm-up', 'started']);
  });

  it('is unloaded although its process is killed meanwhile', async () => {
    const server = await start({ engine: scriptedRuntime(), isolation: 'process' });
    const end = ended(server);
    const running = failure(predict(server, Ask.hang));
    const closing = server.close();
    process.kill(pid(), 'SIGKILL');
    expect(await running).toMatch(/^UNAVAILABLE: The model's process was ended by SIGKILL/);
    await closing;
    expect(await end).toBe('undefined: undefined');
    expect(events.filter(({ kind }) => kind === 'started')).toHaveLength(1);
  });

  it('is served from serving threads, whatever engine runs there', () => {
    const engine = scriptedRuntime();
    expect(savedModelPlatform({ engine }).threadSupport).toBeUndefined();
    expect(savedModelPlatform({ engine, isolation: 'process' }).threadSupport).toBeDefined();
  });
});

describe('an ONNX model in a process of its own', () => {
  it('is served with its external data, and again after its process was killed', async () => {
    const fixture = fileURLToPath(new URL('../../runtime-onnx/fixtures/torch_external', import.meta.url));
    const row = [[0, 1, 2, 3, 4, 5, 6, 7]];
    let warmUps = 0;
    const warmup: OnnxPlatformOptions['warmup'] = async (_directory, { servable }) => {
      const x = createTensor('float', [1, 8], Float32Array.from(row[0]!));
      await servable.run(servable.signatures.get('serving_default')!, { x });
      warmUps++;
    };
    const server = await ModelServer.start({
      models: [
        { name: 'm', basePath: fixture, platform: 'onnx', options: { isolation: 'process', intraOpThreads: 1 } },
      ],
      platforms: { onnx: onnxPlatform({ warmup }) },
    });
    servers.push(server);
    const ask = async (): Promise<unknown> => (await server.predict({ model: 'm', inputs: { x: row } })).outputs;
    const first = await ask();
    await killed('SIGKILL');
    expect(await ask()).toEqual(first);
    expect(warmUps).toBe(2);
  });
});
