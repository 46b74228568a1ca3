import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { predict, startServer } from '../fake-server.test-support.js';
import { attachLogger } from '../log-server.js';
import { servingMetrics } from '../serving-metrics.js';
import { meterServing } from './meter-serving.js';
import { traceServing } from './trace-serving.js';

function setup() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(meterServing({ meterProvider }));
  onTestFinished(() => meterProvider.shutdown());
  /** Attributes and values (histograms: how often) of an instrument's points. */
  return async (name: string) => {
    await reader.forceFlush();
    const [latest] = exporter.getMetrics().slice(-1);
    const found = latest?.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .find(({ descriptor }) => descriptor.name === name);
    return (found?.dataPoints ?? []).map(({ attributes, value }) => [
      attributes,
      typeof value === 'object' && 'count' in value ? value.count : value,
    ]);
  };
}

const request = { 'serving.api': 'Predict', 'serving.entrypoint': 'IN_PROCESS', 'serving.model.name': 'good' };

describe('meterServing', () => {
  it('records requests by status, and their stages', async () => {
    const points = setup();
    const server = await startServer();
    await predict(server, [1]);
    await predict(server, [1]);
    await server.predict({ model: 'good', inputs: {} }).catch(() => undefined);
    expect(await points('serving.request.duration')).toEqual([
      [{ ...request, 'serving.status': 'OK' }, 2],
      [{ ...request, 'serving.status': 'INVALID_ARGUMENT' }, 1],
    ]);
    expect(await points('serving.stage.duration')).toEqual([
      [{ ...request, 'serving.stage': 'decode' }, 3],
      [{ ...request, 'serving.stage': 'run' }, 2],
    ]);
    expect(await points('serving.request.active')).toEqual([[{ 'serving.entrypoint': 'IN_PROCESS' }, 0]]);
  });

  it('records batches and loads', async () => {
    const points = setup();
    const server = await startServer({ batching: { batchTimeoutMs: 1 } }, ['good', 'broken']);
    await Promise.all([predict(server, [1]), predict(server, [2])]);
    const model = { 'serving.model.name': 'good' };
    for (const name of ['duration', 'size', 'padding', 'requests']) {
      expect(await points(`serving.batch.${name}`)).toEqual([[model, 1]]);
    }
    const loads = await points('serving.model.load.duration');
    expect(loads).toContainEqual([model, 1]);
    expect(loads).toContainEqual([{ 'serving.model.name': 'broken', 'error.type': 'UNKNOWN' }, 1]);
  });
});

describe('unknown options', () => {
  it.each<[string, (options: object) => unknown]>([
    ['attachLogger()', (options) => attachLogger(console, options)],
    ['meterServing()', meterServing],
    ['servingMetrics()', servingMetrics],
    ['traceServing()', traceServing],
  ])('are refused by %s', (name, ask) => {
    expect(() => ask({ colour: 1 })).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(`Unknown option "colour" of ${name}: `),
      }),
    );
  });
});
