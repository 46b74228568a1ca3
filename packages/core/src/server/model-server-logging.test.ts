import { describe, expect, it } from 'vitest';
import { signature } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, settle } from '../../../testing/src/manual-clock.js';
import { InferenceCall } from '../inference/inference-call.js';
import { multiInference } from '../inference/multi-inference.js';
import { predictionServiceOf } from '../inference/prediction-service.js';
import { platformFromLoader } from '../loader/platform-from-loader.js';
import { simpleLoader } from '../loader/simple-loader.js';
import type { ExampleInput } from '../messages/example.js';
import { FakeCollector, FakeCollectors } from '../request-logging/fake-collectors.test-support.js';
import type { LoggingConfig } from '../request-logging/logging-config.js';
import type { PredictionLog } from '../request-logging/prediction-log.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import { CLASSIFY_METHOD_NAME, REGRESS_METHOD_NAME } from '../servable/signature.js';
import { StringArray } from '../tensor/string-array.js';
import { createTensor, type NamedTensors, type Tensor } from '../tensor/tensor.js';
import type { ModelServer } from './model-server.js';
import { model, ServerHarness } from './model-server.test-support.js';

const samplingConfig = { samplingRate: 1 };
const logTo = (logCollector: FakeCollector): LoggingConfig => ({ logCollector, samplingConfig });
const named = (filenamePrefix: string): LoggingConfig => ({
  logCollectorConfig: { type: 'fake', filenamePrefix },
  samplingConfig,
});

async function start(loggingConfig: LoggingConfig | undefined, batching = false) {
  const harness = new ServerHarness();
  harness.storage.add('a', 1).add('b', 1);
  const collectors = new FakeCollectors();
  const server = await harness.start({
    models: [model('a', loggingConfig && { loggingConfig }), model('b')],
    logCollectors: collectors.registry,
    ...(batching && { batching: { maxBatchSize: 2 } }),
  });
  return { harness, server, collectors };
}

const predict = (server: ModelServer, name = 'a', x: number[] | Float32Array = [1]) =>
  server.predict({ model: name, inputs: { x }, outputFilter: ['y'] });

/** The errors of what reloads fail with. */
async function failure(reloaded: Promise<void>): Promise<string> {
  return reloaded.then(
    () => 'none',
    ({ code, message }) => `${code}: ${message}`,
  );
}

describe('ModelServer with a loggingConfig', () => {
  it.each([
    ['alone', false],
    ['in batches', true],
  ])('logs the requests to the model that has it, run %s', async (_, batching) => {
    const collector = new FakeCollector();
    const { server } = await start(logTo(collector), batching);
    const { outputs } = await predict(server);
    await predict(server, 'b');
    expect(collector.logs).toEqual([
      {
        api: 'Predict',
        request: { inputs: { x: createTensor('float', [1], Float32Array.of(1)) }, outputFilter: ['y'] },
        response: { outputs },
        logMetadata: {
          modelSpec: { name: 'a', version: 1, signatureName: 'serving_default' },
          samplingConfig: { samplingRate: 1, attributes: 0 },
          savedModelTags: [],
          timestampSecs: 1_700_000_000,
        },
      },
    ]);
  });

  it('logs a run that is over at once', async () => {
    const collector = new FakeCollector();
    const { harness, server } = await start(undefined);
    harness.prepare = ({ servable }) => {
      const outputs: NamedTensors = { y: createTensor('float', [], Float32Array.of(5)) };
      Object.assign(servable, { run: () => outputs });
    };
    harness.storage.add('fast', 3);
    await server.addModel(model('fast', { loggingConfig: logTo(collector) }));
    await predict(server, 'fast');
    expect(collector.logs).toMatchObject([
      { response: { outputs: { y: { data: Float32Array.of(5) } } }, logMetadata: { modelSpec: { version: 3 } } },
    ]);
  });

  it('logs no request that fails, and no request fails with its log', async () => {
    const collector = new FakeCollector();
    const { harness, server } = await start(logTo(collector));
    collector.onCollect = () => {
      throw new Error('full');
    };
    await expect(server.predict({ model: 'a', inputs: {} })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    harness.loaders[0]!.servable.run = () => Promise.reject(new Error('broken'));
    await expect(predict(server)).rejects.toThrow('broken');
    expect(collector.logs).toEqual([]);
    harness.loaders[0]!.servable.run = async () => ({ y: createTensor('float', [], Float32Array.of(1)) });
    expect((await predict(server)).outputs).toHaveProperty('y');
    expect(harness.errors).toEqual(['A Predict request to model a version 1 was not logged: full']);
  });

  it('has the log collected before its caller goes on and may change its memory', async () => {
    const values: number[][] = [];
    const collector = new FakeCollector();
    collector.onCollect = ({ request }) => {
      const { x } = (request as Extract<PredictionLog, { api: 'Predict' }>['request']).inputs;
      values.push(Array.from((x as Tensor<'float'>).data));
    };
    const { server } = await start(logTo(collector));
    const x = Float32Array.of(1, 2);
    await predict(server, 'a', x);
    x.fill(9);
    await predict(server, 'a', x);
    expect(values).toEqual([
      [1, 2],
      [9, 9],
    ]);
  });

  it('logs classify, regress, and a multi-inference once', async () => {
    const collector = new FakeCollector();
    const harness = new ServerHarness();
    harness.storage.add('sizes', 7);
    const server = await harness.start({
      models: [model('sizes', { loggingConfig: logTo(collector) })],
      platforms: { tensorflow: platformFromLoader(() => simpleLoader({ load: () => sizes })) },
    });
    const { classifications } = await server.classify({ model: 'sizes', examples: [{ x: 1 }], signatureName: '' });
    await server.regress({ model: 'sizes', signatureName: 'double', examples: [{ x: 2 }, {}], context: { x: 4 } });
    using call = InferenceCall.begin(predictionServiceOf(server), { model: 'sizes' });
    const tasks = [
      { model: 'sizes', methodName: CLASSIFY_METHOD_NAME },
      { model: 'sizes', methodName: REGRESS_METHOD_NAME, signatureName: 'double' },
    ];
    const input = { examples: [new Map([['x', { kind: 'float', values: [3] } as const]])] };
    const results = await multiInference(call, tasks, input);
    expect(classifications).toEqual([[{ label: 'small', score: 1 }]]);
    const feature = (value: number) => ({ kind: 'float', values: Float32Array.of(value) });
    expect(collector.logs).toMatchObject([
      {
        api: 'Classify',
        request: { input: { examples: [new Map([['x', feature(1)]])] } },
        response: { batchSize: 1, numClasses: 1, scores: Float32Array.of(1) },
        logMetadata: { modelSpec: { name: 'sizes', version: 7, signatureName: 'serving_default' } },
      },
      {
        api: 'Regress',
        request: {
          input: { examples: [new Map([['x', feature(2)]]), new Map()], context: new Map([['x', feature(4)]]) },
        },
        response: { values: Float32Array.of(4, 8) },
        logMetadata: { modelSpec: { signatureName: 'double' } },
      },
      { api: 'MultiInference', request: { tasks, input }, response: results },
    ]);
    expect(collector.logs[2]?.logMetadata.modelSpec).toEqual({ name: 'sizes', version: 7 });
  });

  it('refuses to start with a collector that it does not know', async () => {
    const loggingConfig = { ...named('p'), logCollectorConfig: { type: 'kafka' } };
    await expect(start(loggingConfig)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message:
        'Request logging of model a: No log collector of type "kafka" is registered in logCollectors (registered: fake)',
    });
  });

  it('follows reloads from the next request on, and keeps what has not changed', async () => {
    const { server, collectors } = await start(named('p'));
    await predict(server);
    await server.reload({
      models: [model('a', { loggingConfig: named('p') }), model('b', { loggingConfig: named('q') })],
    });
    await predict(server);
    await predict(server, 'b');
    expect(collectors.counts).toEqual({ p: 1, q: 1 });
    expect([collectors.of('p').logs.length, collectors.of('q').logs.length]).toEqual([2, 1]);
    await server.reload({ models: [model('a'), model('b', { loggingConfig: named('q') })] });
    await predict(server);
    await settle();
    expect(collectors.of('p').calls).toEqual(['flush', 'close']);
    expect(collectors.of('p').logs).toHaveLength(2);
  });

  it.each<[string, (harness: ServerHarness) => Parameters<ModelServer['reload']>[0], string]>([
    [
      'a collector',
      () => ({ models: [model('a', { loggingConfig: named('new') }), model('b', { loggingConfig: named('bad') })] }),
      'UNKNOWN: Request logging of model b: a bad prefix',
    ],
    [
      'a label',
      () => ({ models: [model('a', { loggingConfig: named('new'), versionLabels: { stable: 9 } }), model('b')] }),
      'FAILED_PRECONDITION: Request to assign label to version 9 of model a, which is not currently available for inference (label stable)',
    ],
  ])('changes nothing by a reload that is refused for %s', async (_, list, expected) => {
    const { harness, server, collectors } = await start(named('p'));
    harness.take();
    expect(await failure(server.reload(list(harness)))).toBe(expected);
    await predict(server);
    await settle();
    expect(collectors.of('p').logs).toHaveLength(1);
    expect(collectors.of('p').calls).toEqual([]);
    expect(collectors.of('new').calls).toEqual(['flush', 'close']);
    expect(harness.take()).toEqual([]);
  });
});

describe('ModelServer.close with a loggingConfig', () => {
  it('writes what was logged until the last request, and resolves then', async () => {
    const { harness, server, collectors } = await start(named('p'));
    const run = new Gate();
    const write = new Gate();
    harness.loaders[0]!.servable.run = () => run.opened.then(() => ({}));
    collectors.of('p').onFlush = () => write.opened;
    const answered = predict(server);
    const closed = server.close();
    await settle();
    expect(collectors.of('p').calls).toEqual([]);
    run.open();
    await answered;
    expect(collectors.of('p').logs).toHaveLength(1);
    expect(await isSettled(closed)).toBe(false);
    write.open();
    await closed;
    expect(collectors.of('p').calls).toEqual(['flush', 'close']);
  });

  it('does not wait longer than its limit and a second for a disk that hangs', async () => {
    const { harness, server, collectors } = await start(named('p'));
    collectors.of('p').onFlush = () => new Promise(() => undefined);
    const closed = server.close({ timeoutMs: 500 });
    await harness.clock.advance(1499);
    expect(await isSettled(closed)).toBe(false);
    await harness.clock.advance(1);
    await closed;
    expect(harness.errors).toEqual(['The model server closed before all logs of requests were written']);
    expect(server.state).toBe('closed');
    expect(harness.clock.pendingTimers).toBe(0);
  });

  it('writes logs also when a handle is still held at the limit', async () => {
    const { harness, server, collectors } = await start(named('p'));
    const handle = server.getServableHandle({ model: 'a' });
    const closed = server.close({ timeoutMs: 500 });
    await harness.clock.advance(500);
    await closed;
    expect(collectors.of('p').calls).toEqual(['flush', 'close']);
    expect(harness.errors).toEqual([expect.stringContaining('{name: a version: 1} is held by a handle')]);
    handle.release();
    await settle();
  });
});

/** Reads the number `x` of each example. */
const sizes: InferenceServable = {
  signatures: new Map([
    ['serving_default', signature('serving_default', { inputs: 'float' }, { classes: 'string', scores: 'float' })],
    ['double', signature('double', { inputs: 'float' }, { outputs: 'float' })],
  ]),
  examples: {
    encode({ examples, context }: ExampleInput): Tensor {
      const numbers = examples.map((example) => Number((example.get('x') ?? context?.get('x'))!.values[0]));
      return createTensor('float', [numbers.length], Float32Array.from(numbers));
    },
  },
  async run({ name }, { inputs }): Promise<NamedTensors> {
    const { data, shape } = inputs as Tensor<'float'>;
    if (name === 'double')
      return {
        outputs: createTensor(
          'float',
          shape,
          data.map((x) => 2 * x),
        ),
      };
    return {
      classes: createTensor('string', [data.length, 1], StringArray.from(Array.from(data, () => 'small'))),
      scores: createTensor('float', [data.length, 1], data),
    };
  },
};
