import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { RequestTrace } from '@serving/core/diagnostics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { predict, startServer } from '../fake-server.test-support.js';
import { type TraceServingOptions, traceServing } from './trace-serving.js';

const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const stops: (() => void)[] = [];

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  exporter.reset();
  context.disable();
  propagation.disable();
});

function start(options: TraceServingOptions = {}): void {
  stops.push(traceServing({ tracerProvider, ...options }));
}

const spans = (name: string): ReadableSpan[] => exporter.getFinishedSpans().filter((span) => span.name === name);
const micros = ([seconds, nanos]: [number, number]): number => seconds * 1e6 + nanos / 1e3;

describe('traceServing', () => {
  it('makes a span for a request and one below it for each stage, within its time', async () => {
    start();
    await predict(await startServer(), [1]);
    const [request] = spans('predict good');
    expect(request?.attributes).toEqual({
      'serving.api': 'Predict',
      'serving.entrypoint': 'IN_PROCESS',
      'serving.model.name': 'good',
      'serving.model.version': 1,
      'serving.signature.name': 'serving_default',
      'serving.status': 'OK',
    });
    expect(Math.abs(micros(request!.startTime) / 1000 - Date.now())).toBeLessThan(60_000);
    for (const name of ['serving.decode', 'serving.run']) {
      const [stage] = spans(name);
      expect(stage?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId);
      expect(micros(stage!.startTime)).toBeGreaterThanOrEqual(micros(request!.startTime) - 1);
      expect(micros(stage!.endTime)).toBeLessThanOrEqual(micros(request!.endTime) + 1);
    }
  });

  it('goes on under the span that is active', async () => {
    start();
    const server = await startServer();
    const outer = tracerProvider.getTracer('test').startSpan('outer');
    await context.with(trace.setSpan(context.active(), outer), () => predict(server, [1]));
    const [request] = spans('predict good');
    expect(request?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
    expect(request?.kind).toBe(SpanKind.INTERNAL);
  });

  it("goes on under the caller's span that the headers name", () => {
    start();
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const headers = { header: (name: string) => (name === 'traceparent' ? `00-${traceId}-${spanId}-01` : undefined) };
    new RequestTrace({ server: {}, entrypoint: 'REST', api: 'Predict', model: 'm', headers }).finish('OK');
    const [request] = spans('predict m');
    expect(request?.spanContext().traceId).toBe(traceId);
    expect(request?.parentSpanContext?.spanId).toBe(spanId);
    expect(request?.kind).toBe(SpanKind.SERVER);
  });

  it('links a batch to the spans of its requests', async () => {
    start();
    const server = await startServer({ batching: { maxBatchSize: 4, batchTimeoutMs: 1 } });
    await Promise.all([predict(server, [1]), predict(server, [2, 3])]);
    const [batch] = spans('serving.batch');
    const requests = spans('predict good').map((span) => span.spanContext().spanId);
    expect(batch?.links.map((link) => link.context.spanId)).toEqual(requests);
    expect(batch?.parentSpanContext).toBeUndefined();
    expect(batch?.attributes).toMatchObject({ 'serving.batch.size': 3, 'serving.batch.requests': 2 });
    expect(spans('serving.queue')).toHaveLength(2);
  });

  it('marks the batches that are parts of one that failed', async () => {
    start();
    const server = await startServer({ batching: { maxBatchSize: 4, batchTimeoutMs: 1 } });
    await Promise.allSettled([predict(server, [1]), predict(server, [Number.NaN])]);
    const found = spans('serving.batch').map(({ attributes, status }) => [
      attributes['serving.batch.size'],
      attributes['serving.batch.rerun'] ?? false,
      status.code === SpanStatusCode.ERROR,
    ]);
    expect(found).toEqual([
      [2, false, true],
      [1, true, false],
      [1, true, true],
    ]);
  });

  it('says what a request failed with, on the request and its stage', async () => {
    start();
    await predict(await startServer(), [1], 'nope').catch(() => undefined);
    for (const name of ['predict nope', 'serving.decode']) {
      const [span] = spans(name);
      expect(span?.status.code).toBe(SpanStatusCode.ERROR);
      expect(span?.attributes['error.type']).toBe('NOT_FOUND');
    }
  });

  it('makes none for requests that the filter leaves out, nor when stopped', async () => {
    start({ filter: ({ entrypoint }) => entrypoint !== 'IN_PROCESS' });
    const server = await startServer({ batching: {} });
    await predict(server, [1]);
    for (const stop of stops.splice(0)) stop();
    new RequestTrace({ server, entrypoint: 'REST', api: 'Predict', model: 'm' }).finish('OK');
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});
