import { ServingError } from '@serving/core';
import { RequestTrace, requestLogLossChannel, warmupChannel } from '@serving/core/diagnostics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { predict, startServer } from './fake-server.test-support.js';
import { type ServingMetrics, type ServingMetricsOptions, servingMetrics } from './serving-metrics.js';

function counting(options: ServingMetricsOptions = { eventLoop: false }): ServingMetrics {
  const metrics = servingMetrics(options);
  onTestFinished(() => metrics.close());
  return metrics;
}

/** The samples of a metric on the page, without its name; `_bucket`s left out. */
function samples(metrics: ServingMetrics, name: string): string[] {
  const lines = metrics.metrics().split('\n');
  return lines.flatMap((line) => (line.startsWith(name) && !line.includes('_bucket{') ? line.slice(name.length) : []));
}

/** A request that took `micros` by a clock of its own. */
function request(
  entrypoint: 'REST' | 'GRPC' | 'OPEN_INFERENCE',
  api: RequestTrace['api'],
  model: string,
  micros = 0,
): RequestTrace {
  const times = [0, micros / 1000];
  return new RequestTrace({ server: {}, entrypoint, api, model, clock: { now: () => times.shift() ?? 0 } });
}

describe('servingMetrics', () => {
  it('counts requests by model and status, whichever way they came', async () => {
    const metrics = counting();
    const server = await startServer();
    await predict(server, [1]);
    await predict(server, [2]);
    await predict(server, [2], 'nope').catch(() => undefined);
    request('REST', '', '').finish('INVALID_ARGUMENT');
    expect(samples(metrics, ':tensorflow:serving:request_count')).toEqual([
      '{model_name="good",status="OK"} 2',
      '{model_name="nope",status="NOT_FOUND"} 1',
      '{model_name="",status="INVALID_ARGUMENT"} 1',
    ]);
    expect(metrics.read('/tensorflow/serving/request_count')).toBe(2);
    expect(metrics.read('/tensorflow/serving/request_latency')).toBeUndefined();
  });

  it.each<[RequestTrace['entrypoint'], RequestTrace['api'], string | undefined]>([
    ['REST', 'Predict', 'predict'],
    ['REST', 'GetModelStatus', ''],
    ['GRPC', 'Predict', 'Predict'],
    ['GRPC', 'MultiInference', undefined],
    ['GRPC', 'GetModelMetadata', undefined],
  ])('labels the latency of %s %s as TensorFlow Serving does', (entrypoint, api, label) => {
    if (entrypoint === 'IN_PROCESS') return;
    const metrics = counting();
    request(entrypoint, api, 'm', 20).finish('OK');
    request(entrypoint, api, 'm', 20).finish('INTERNAL');
    const labels = `{model_name="m",API="${label}",entrypoint="${entrypoint}"}`;
    expect(samples(metrics, ':tensorflow:serving:request_latency')).toEqual(
      label === undefined ? [] : [`_sum${labels} 20`, `_count${labels} 1`],
    );
  });

  it('writes histograms as TensorFlow Serving does: upper edges exclusive, six digits', () => {
    const metrics = counting();
    for (const micros of [9, 10, 18, 1e9]) request('GRPC', 'Predict', 'm', micros).finish('OK');
    const lines = metrics.metrics().split('\n');
    const labels = 'model_name="m",API="Predict",entrypoint="GRPC"';
    const bucket = (le: string, count: number): string =>
      `:tensorflow:serving:request_latency_bucket{${labels},le="${le}"} ${count}`;
    for (const line of [bucket('10', 1), bucket('18', 2), bucket('32.4', 3), bucket('188.957', 3)]) {
      expect(lines).toContain(line);
    }
    for (const line of [bucket('2.29468e+06', 3), bucket('1.47476e+09', 4), bucket('+Inf', 4)]) {
      expect(lines).toContain(line);
    }
    expect(lines).toContain(`:tensorflow:serving:request_latency_sum{${labels}} 1e+09`);
    expect(lines.filter((line) => line.startsWith(':tensorflow:serving:request_latency_bucket'))).toHaveLength(34);
  });

  it('names every metric, by name, also those without a sample, and escapes labels', () => {
    const metrics = counting();
    request('REST', 'Predict', 'a"\\').finish('NOT_FOUND');
    const page = metrics.metrics();
    const types = page.split('\n').filter((line) => line.startsWith('# TYPE'));
    expect(types).toContain('# TYPE :tensorflow:serving:batching_session:wrapped_run_count counter');
    expect(types).toContain('# TYPE :tensorflow:serving:runtime_latency histogram');
    expect(types).toEqual([...types].sort());
    expect(page).toContain('request_count{model_name="a\\"\\\\",status="NOT_FOUND"} 1\n');
    expect(page.endsWith('\n')).toBe(true);
  });

  it('keeps names, paths and errors with line feeds on their lines', () => {
    const metrics = counting();
    const lines = metrics.metrics().split('\n').length;
    request('REST', 'Predict', 'a\nforged{} 1').finish('NOT_FOUND');
    warmupChannel.publish({
      servable: { name: 'm', version: 1 },
      path: '/m\nforged',
      records: 1,
      startTime: 0,
      endTime: 0,
      error: new ServingError('INTERNAL', 'x\nforged'),
    });
    const page = metrics.metrics().split('\n');
    expect(page.filter((line) => line.startsWith('forged'))).toEqual([]);
    expect(page).toContain(':tensorflow:serving:request_count{model_name="a\\nforged{} 1",status="NOT_FOUND"} 1');
    expect(page.length).toBeGreaterThan(lines);
  });

  it('counts very long names together', () => {
    const metrics = counting();
    for (const name of ['x', 'y']) request('REST', 'Predict', name.repeat(257)).finish('NOT_FOUND');
    expect(samples(metrics, ':tensorflow:serving:request_count')).toEqual(['{model_name="",status="NOT_FOUND"} 2']);
  });

  it('counts names beyond the thousandth together', () => {
    const metrics = counting();
    for (let i = 0; i < 1500; i++) request('REST', 'Predict', `m${i}`).finish('NOT_FOUND');
    const counts = samples(metrics, ':tensorflow:serving:request_count');
    expect(counts).toHaveLength(1001);
    expect(counts.at(-1)).toBe('{model_name="",status="NOT_FOUND"} 500');
  });

  it('counts batches, what they held and how long requests waited, and the run once', async () => {
    const metrics = counting();
    const server = await startServer({
      batching: { maxBatchSize: 4, batchTimeoutMs: 1, allowedBatchSizes: [4] },
    });
    expect(await Promise.all([predict(server, [1]), predict(server, [2, 3])])).toEqual([[2], [4, 6]]);
    const name = ':tensorflow:serving:batching_session:';
    expect(samples(metrics, `${name}wrapped_run_count`)).toEqual(['{} 1']);
    expect(samples(metrics, `${name}processed_batch_size`)).toEqual(['_sum{} 4', '_count{} 1']);
    expect(samples(metrics, `${name}input_batch_size`)).toEqual(['_sum{} 3', '_count{} 2']);
    const padded = '{execution_batch_size="4"} 1';
    expect(samples(metrics, `${name}padding_size`)).toEqual([`_sum${padded}`, `_count${padded}`]);
    expect(samples(metrics, `${name}queuing_latency_count`)).toEqual([expect.stringMatching(/ 2$/)]);
    expect(samples(metrics, ':tensorflow:core:graph_runs')).toEqual(['{} 1']);
    expect(samples(metrics, ':serving:batch_requests_sum')).toEqual(['{model_name="good"} 2']);
    const stages = samples(metrics, ':serving:stage_latency_count').map((line) =>
      /stage="(\w+)"} (\d+)/.exec(line)?.slice(1),
    );
    expect(stages).toEqual([
      ['decode', '2'],
      ['queue', '2'],
      ['run', '2'],
    ]);
  });

  it('counts parts of failed batches that run again, as batches too', async () => {
    const metrics = counting();
    const server = await startServer({
      batching: { maxBatchSize: 4, batchTimeoutMs: 1 },
    });
    await Promise.allSettled([predict(server, [1]), predict(server, [Number.NaN])]);
    expect(samples(metrics, ':serving:batch_rerun_count')).toEqual(['{model_name="good"} 2']);
    expect(samples(metrics, ':tensorflow:serving:batching_session:wrapped_run_count')).toEqual(['{} 3']);
    expect(samples(metrics, ':tensorflow:core:graph_runs')).toEqual(['{} 3']);
    expect(samples(metrics, ':serving:batching_rejection_count')).toEqual([]);
  });

  it('tells loads, and which models and versions are available', async () => {
    const metrics = counting();
    const server = await startServer({}, ['good', 'broken']);
    const later = servingMetrics(server, { eventLoop: false });
    expect(samples(later, ':serving:model_available')).toEqual(samples(metrics, ':serving:model_available'));
    later.close();
    expect(samples(metrics, ':serving:model_available')).toEqual(['{model_name="good"} 1', '{model_name="broken"} 0']);
    expect(samples(metrics, ':serving:model_version_state')).toEqual([
      '{model_name="good",version="1",state="AVAILABLE"} 1',
      '{model_name="broken",version="1",state="END"} 1',
    ]);
    const loads = samples(metrics, ':serving:model_load_latency_count');
    expect(loads.sort()).toEqual(['{model_name="broken",status="UNKNOWN"} 1', '{model_name="good",status="OK"} 1']);
  });

  it('counts warm-ups of versions that have requests for it, and examples of MultiInference', () => {
    const metrics = counting();
    const warmup = { servable: { name: 'm', version: 1 }, path: '/m/1', startTime: 0, endTime: 0.5 };
    warmupChannel.publish({ ...warmup, requests: 0 });
    warmupChannel.publish({ ...warmup, requests: 3 });
    warmupChannel.publish({ ...warmup, requests: 0, error: new ServingError('DATA_LOSS', 'torn') });
    expect(samples(metrics, ':tensorflow:serving:model_warmup_latency_sum')).toEqual([
      '{model_path="/m/1",status="OK"} 500',
      '{model_path="/m/1",status="DATA_LOSS: torn"} 500',
    ]);
    expect(metrics.read('/tensorflow/serving/model_warmup_records_read')).toBe(3);
    const multi = request('GRPC', 'MultiInference', 'm');
    multi.exampleCount = 5;
    multi.finish('OK');
    expect(metrics.read('/tensorflow/serving/request_example_count_total')).toBe(5);
  });

  it('counts logs of requests by what became of them, and those that were lost later', async () => {
    const metrics = counting();
    let isFull = false;
    const logCollector = (): void => {
      if (isFull) throw new ServingError('RESOURCE_EXHAUSTED', 'full');
    };
    const loggingConfig = { logCollector, samplingConfig: { samplingRate: 1 } };
    const server = await startServer({ models: [{ name: 'good', basePath: 'good', loggingConfig }] });
    await predict(server, [1]);
    await predict(server, [1]);
    isFull = true;
    await predict(server, [1]);
    expect(samples(metrics, ':tensorflow:serving:request_log_count')).toEqual([
      '{model_name="good",status_code="OK"} 2',
      '{model_name="good",status_code="RESOURCE_EXHAUSTED"} 1',
    ]);
    const error = new ServingError('UNAVAILABLE', 'no disk');
    requestLogLossChannel.publish({ type: 'tfrecord', filenamePrefix: '/logs/good', logs: 2, error });
    expect(samples(metrics, ':serving:request_log_loss_count')).toEqual([
      '{filename_prefix="/logs/good",status_code="UNAVAILABLE"} 2',
    ]);
  });

  it('knows requests in flight, and counts no more when it is closed', () => {
    const metrics = counting();
    const open = request('REST', 'Predict', 'm');
    expect(samples(metrics, ':serving:requests_in_flight')).toEqual(['{entrypoint="REST"} 1']);
    open.finish('OK');
    expect(samples(metrics, ':serving:requests_in_flight')).toEqual(['{entrypoint="REST"} 0']);
    metrics.close();
    request('REST', 'Predict', 'm').finish('OK');
    expect(metrics.read('/tensorflow/serving/request_count')).toBe(1);
  });

  it('counts only the requests that its filter wants', () => {
    const metrics = counting({ eventLoop: false, filter: ({ model }) => model === 'mine' });
    request('REST', 'Predict', 'other').finish('OK');
    request('REST', 'Predict', 'mine').finish('OK');
    expect(samples(metrics, ':tensorflow:serving:request_count')).toEqual(['{model_name="mine",status="OK"} 1']);
  });

  it('measures the event loop unless that is turned off', () => {
    expect(counting({}).metrics()).toMatch(
      /# TYPE :serving:event_loop_utilization gauge\n:serving:event_loop_utilization{} [\d.]+\n/,
    );
    expect(counting().metrics()).not.toContain('event_loop');
  });
});
