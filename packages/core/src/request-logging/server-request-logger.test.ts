import { describe, expect, it } from 'vitest';
import { FakeServable } from '../../../test-doubles/src/fake-platform.js';
import { Gate } from '../../../testing/src/gate.js';
import { isSettled, ManualClock, settle } from '../../../testing/src/manual-clock.js';
import { observeServing, type RequestLogEvent, type RequestLogLossEvent } from '../diagnostics/index.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { ServingError } from '../serving-error.js';
import { FakeCollector, FakeCollectors } from './fake-collectors.test-support.js';
import type { LogCollector } from './log-collector.js';
import type { LoggingConfig, ServerTask } from './logging-config.js';
import type { LoggedRequest } from './prediction-log.js';
import { type LoggedModel, ServerRequestLogger } from './server-request-logger.js';

const config = (filenamePrefix: string, samplingRate = 1): LoggingConfig => ({
  logCollectorConfig: { type: 'fake', filenamePrefix },
  samplingConfig: { samplingRate },
});
const own = (logCollector: NonNullable<LoggingConfig['logCollector']>): LoggingConfig => ({
  logCollector,
  samplingConfig: { samplingRate: 1 },
});
const logged: LoggedRequest = {
  api: 'Predict',
  request: { inputs: {}, outputFilter: [] },
  response: { outputs: {} },
};

class Harness {
  readonly collectors = new FakeCollectors();
  readonly errors: string[] = [];
  readonly logger: ServerRequestLogger;
  /** What is drawn next. */
  draw = 0;

  constructor(task: ServerTask = {}) {
    this.logger = new ServerRequestLogger({
      collectors: this.collectors.registry,
      task,
      clock: new ManualClock(),
      random: () => this.draw,
      onError: ({ message }) => this.errors.push(message),
    });
  }

  /** Puts configurations by model in place. */
  update(models: Readonly<Record<string, LoggingConfig | undefined>>): void {
    const list = Object.entries(models).map(
      ([name, loggingConfig]): LoggedModel => (loggingConfig ? { name, loggingConfig } : { name }),
    );
    this.logger.prepare(list).commit();
  }

  /** A request to a model has succeeded. */
  request(name: string, savedModelTags?: readonly string[]): boolean {
    const servable = Object.assign(new FakeServable({ name, version: 2 }), savedModelTags && { savedModelTags });
    const release = (): void => undefined;
    const handle: ServableHandle<FakeServable> = { id: servable.id, servable, release, [Symbol.dispose]: release };
    const logger = this.logger.sampler?.sample(name);
    logger?.log(handle, logged, 'serving_default');
    return logger !== undefined;
  }
}

/** What the channels publish until `stop`. */
function observed(): { events: (RequestLogEvent | RequestLogLossEvent)[]; stop: () => void } {
  const events: (RequestLogEvent | RequestLogLossEvent)[] = [];
  const tell = (event: RequestLogEvent | RequestLogLossEvent): void => void events.push(event);
  return { events, stop: observeServing({ onRequestLog: tell, onRequestLogLoss: tell }) };
}

describe('ServerRequestLogger', () => {
  it('has no sampler while no model is logged', () => {
    const harness = new Harness();
    expect(harness.logger.sampler).toBeUndefined();
    harness.update({ a: undefined });
    expect(harness.logger.sampler).toBeUndefined();
    harness.update({ a: config('p'), b: undefined });
    expect(harness.logger.sampler).toBe(harness.logger);
    expect([harness.request('a'), harness.request('b'), harness.request('unknown')]).toEqual([true, false, false]);
    harness.update({});
    expect(harness.logger.sampler).toBeUndefined();
  });

  it('draws for each request', () => {
    const harness = new Harness();
    harness.update({ a: config('p', 0.5) });
    const sampled = [0, 0.6, 0.49, 0.5].map((draw) => {
      harness.draw = draw;
      return harness.request('a');
    });
    expect(sampled).toEqual([true, false, true, false]);
    expect(harness.collectors.of('p').logs).toHaveLength(2);
  });

  it('tells what is known beside request and response', () => {
    const harness = new Harness({ dc: 'eu', taskIndex: 1 });
    const samplingConfig = {
      samplingRate: 0.5,
      attributes: 3,
      perTaskSamplingConfigs: [{ dc: 'eu', samplingRate: 0.75 }],
    };
    harness.update({ a: { ...config('p'), samplingConfig } });
    harness.request('a', ['serve', 'gpu']);
    expect(harness.collectors.of('p').logs).toEqual([
      {
        ...logged,
        logMetadata: {
          modelSpec: { name: 'a', version: 2, signatureName: 'serving_default' },
          samplingConfig: { samplingRate: 0.75, attributes: 3 },
          savedModelTags: ['serve', 'gpu'],
          timestampSecs: 1_700_000_000,
          dc: 'eu',
        },
      },
    ]);
    expect(harness.collectors.of('p').context?.loggingConfig.samplingConfig).toEqual(samplingConfig);
  });

  const object = new FakeCollector();
  const fn = (): undefined => undefined;
  it.each<[string, LoggingConfig | undefined, LoggingConfig | undefined, Record<string, number>]>([
    ['equal configurations', config('p'), config('p'), { p: 1 }],
    ['another rate', config('p', 0.5), config('p', 0.25), { p: 2 }],
    ['another prefix', config('p'), config('q'), { p: 1, q: 1 }],
    ['one without', config('p'), undefined, { p: 1 }],
    ['the same collector of their own', own(object), own(object), {}],
    ['the same function of their own', own(fn), own(fn), {}],
  ])('makes loggers for two models with %s', (_, first, second, counts) => {
    const harness = new Harness();
    harness.update({ a: first, b: second });
    expect(harness.collectors.counts).toEqual(counts);
  });

  it('does not take two collectors of their own for one', () => {
    const harness = new Harness();
    const collectors = [new FakeCollector(), new FakeCollector()] as const;
    harness.update({ a: own(collectors[0]), b: own(collectors[1]) });
    harness.request('b');
    expect(collectors.map(({ logs }) => logs.length)).toEqual([0, 1]);
  });

  it.each<[string, Record<string, LoggingConfig | undefined>, { made: number; closed: boolean }]>([
    ['nothing changes', { a: config('p') }, { made: 1, closed: false }],
    ['another model gets it too', { a: config('p'), b: config('p') }, { made: 1, closed: false }],
    ['it goes to another model', { a: undefined, b: config('p') }, { made: 1, closed: false }],
    ['another configuration comes beside it', { a: config('p'), b: config('q') }, { made: 1, closed: false }],
    ['its rate changes', { a: config('p', 0.5) }, { made: 2, closed: true }],
    ['it is taken away', { a: undefined }, { made: 1, closed: true }],
    ['its model is removed', {}, { made: 1, closed: true }],
  ])('keeps a logger, or closes it, when %s', async (_, next, { made, closed }) => {
    const harness = new Harness();
    harness.update({ a: config('p') });
    const first = harness.collectors.of('p');
    harness.update(next);
    await settle();
    expect(harness.collectors.counts.p).toBe(made);
    expect(first.calls).toEqual(closed ? ['flush', 'close'] : []);
  });

  it.each<[string, LoggingConfig, string, string]>([
    ['an unknown type', { ...config('n'), logCollectorConfig: { type: 'kafka' } }, 'NOT_FOUND', '"kafka"'],
    ['no type', { ...config('n'), logCollectorConfig: { type: '' } }, 'NOT_FOUND', '""'],
    ['a factory that refuses', config('bad'), 'UNKNOWN', 'a bad prefix'],
  ])('changes nothing for %s', async (_, refused, code, text) => {
    const harness = new Harness();
    harness.update({ a: config('p') });
    const models = [
      { name: 'a', loggingConfig: config('p', 0.5) },
      { name: 'b', loggingConfig: refused },
    ];
    expect(() => harness.logger.prepare(models)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(new RegExp(`^Request logging of model b: .*${text}`)),
      }),
    );
    await settle();
    const [kept, discarded] = harness.collectors.made.get('p')!;
    expect(kept!.calls).toEqual([]);
    expect(discarded!.calls).toEqual(['flush', 'close']);
    expect(harness.request('a')).toBe(true);
    expect(kept!.logs).toHaveLength(1);
  });

  it('closes what was prepared and discarded', async () => {
    const harness = new Harness();
    harness.logger.prepare([{ name: 'a', loggingConfig: config('p') }]).discard();
    await settle();
    expect(harness.collectors.of('p').calls).toEqual(['flush', 'close']);
    expect(harness.logger.sampler).toBeUndefined();
  });

  it('flushes collectors of others, and leaves closing them to their owners', async () => {
    const harness = new Harness();
    const collector = new FakeCollector();
    harness.update({ a: own(collector) });
    await harness.logger.close();
    expect(collector.calls).toEqual(['flush']);
  });

  it('counts each log by its outcome, and reports each code once', async () => {
    const harness = new Harness();
    harness.update({ a: config('p') });
    const { events, stop } = observed();
    const collector = harness.collectors.of('p');
    harness.request('a');
    collector.onCollect = () => {
      throw new ServingError('RESOURCE_EXHAUSTED', 'full');
    };
    harness.request('a');
    harness.request('a');
    collector.onCollect = () => Promise.reject(new Error('broken'));
    harness.request('a');
    collector.onCollect = async () => undefined;
    harness.request('a');
    await settle();
    stop();
    harness.request('a');
    expect(events.map((event) => 'status' in event && event.status)).toEqual([
      'OK',
      'RESOURCE_EXHAUSTED',
      'RESOURCE_EXHAUSTED',
      'UNKNOWN',
      'OK',
    ]);
    expect(events[1]).toEqual({
      servable: { name: 'a', version: 2 },
      api: 'Predict',
      status: 'RESOURCE_EXHAUSTED',
      error: expect.objectContaining({ message: 'full' }),
    });
    expect(harness.errors).toEqual([
      'A Predict request to model a version 2 was not logged: full',
      'A Predict request to model a version 2 was not logged: broken',
    ]);
  });

  it('takes what a function returns for a promise only if it is one', () => {
    const harness = new Harness();
    const names: string[] = [];
    harness.update({ a: own(({ logMetadata }) => names.push(logMetadata.modelSpec.name)) });
    const { events, stop } = observed();
    harness.request('a');
    stop();
    expect(names).toEqual(['a']);
    expect(events).toMatchObject([{ status: 'OK' }]);
  });

  it('reports logs that a collector has lost, and its errors', () => {
    const harness = new Harness();
    harness.update({ a: config('p') });
    const { events, stop } = observed();
    const error = new ServingError('UNAVAILABLE', 'the disk');
    harness.collectors.of('p').context?.onLost(3, error);
    stop();
    harness.collectors.of('p').context?.onError(error);
    expect(events).toEqual([{ type: 'fake', filenamePrefix: 'p', logs: 3, error }]);
    expect(harness.errors).toEqual(['the disk']);
  });

  it('is closed when what was collected is where it belongs, and logs no more', async () => {
    const harness = new Harness();
    const gates = [new Gate(), new Gate()] as const;
    harness.update({ a: config('p') });
    const collector = harness.collectors.of('p');
    collector.onCollect = () => gates[0].opened;
    collector.onFlush = () => gates[1].opened;
    harness.request('a');
    const closed = harness.logger.close();
    expect(harness.request('a')).toBe(false);
    await settle();
    expect(collector.calls).toEqual([]);
    gates[0].open();
    await settle();
    expect(collector.calls).toEqual(['flush']);
    expect(await isSettled(closed)).toBe(false);
    gates[1].open();
    await closed;
    await harness.logger.close();
    expect(collector.calls).toEqual(['flush', 'close']);
  });

  it('waits for loggers that were replaced before', async () => {
    const harness = new Harness();
    const gate = new Gate();
    harness.update({ a: config('p') });
    harness.collectors.of('p').onFlush = () => gate.opened;
    harness.update({});
    const closed = harness.logger.close();
    expect(await isSettled(closed)).toBe(false);
    gate.open();
    await closed;
  });

  it('reports a collector that fails to close, and closes', async () => {
    const harness = new Harness();
    const broken: LogCollector = { collect: () => undefined, flush: () => Promise.reject(new Error('gone')) };
    harness.update({ a: own(broken) });
    await harness.logger.close();
    expect(harness.errors).toEqual(['A log collector failed to close: gone']);
  });
});
