import { describe, expect, it, onTestFinished } from 'vitest';
import { batchChannel, batchingQueueChannel, batchingRunChannel } from '../diagnostics/channels.js';
import type { BatchEvent, BatchingQueueEvent } from '../diagnostics/events.js';
import { observeServing } from '../diagnostics/observe-serving.js';
import { type RequestStageEvent, RequestTrace, type RequestTraceOptions } from '../diagnostics/request-trace.js';
import { ServingError } from '../serving-error.js';
import { type ForwardedEvent, type ForwardedKind, kindsWithListeners } from './forwarded-events.js';
import { EventReplay } from './main/event-replay.js';
import { EventForwarder } from './serving/event-forwarder.js';
import { ThreadChannel } from './thread-channel.js';

/** What a serving thread has sent, as it arrives. */
function forwarding(kinds: readonly ForwardedKind[]) {
  const messages: ForwardedEvent[][] = [];
  const port = {
    postMessage: (message: unknown) => {
      const { name, argument } = structuredClone(message) as { name: string; argument: ForwardedEvent[] };
      expect(name).toBe('observed');
      messages.push(argument);
    },
    on: () => undefined,
  };
  const forwarder = new EventForwarder(new ThreadChannel(port, {}));
  forwarder.observe(kinds);
  onTestFinished(() => forwarder.observe([]));
  return {
    forwarder,
    messages,
    /** All that was sent, with the forwarder ended: what is replayed is published on the same channels. */
    end: (): ForwardedEvent[] => {
      forwarder.flush();
      forwarder.observe([]);
      return messages.flat();
    },
  };
}

const request = (more: Partial<RequestTraceOptions> = {}): RequestTrace =>
  new RequestTrace({ server: {}, entrypoint: 'GRPC', api: 'Predict', model: 'm', ...more });

const source = { servable: { name: 'm', version: 1 }, signature: 's', threadPoolName: 'batch_threads' };

const all: readonly ForwardedKind[] = ['request', 'stage', 'batch', 'batchingQueue', 'batchingRun'];

describe('events of a serving thread', () => {
  it('are published in the main thread with their facts, stages and times, for its own server', () => {
    const { end } = forwarding(all);
    const trace = request({ headers: { header: (name) => (name === 'traceparent' ? '00-1-2-01' : 'secret') } });
    for (const stage of ['decode', 'run', 'encode'] as const) trace.enter(stage);
    trace.found({ name: 'm', version: 7 }, 'serving_default');
    trace.finish('OK');
    const events = end();
    const server = {};
    const stages: RequestStageEvent[] = [];
    const responses: RequestTrace[] = [];
    onTestFinished(
      observeServing({ onStage: (event) => stages.push(event), onResponse: (response) => responses.push(response) }),
    );
    new EventReplay(server).replay(events);
    const [response] = responses;
    expect(response).toMatchObject({
      entrypoint: 'GRPC',
      api: 'Predict',
      model: 'm',
      version: 7,
      signature: 'serving_default',
      status: 'OK',
    });
    expect(response!.server).toBe(server);
    expect(response!.startTime).toBeCloseTo(trace.startTime, 2);
    expect(response!.endTime).toBeCloseTo(trace.endTime!, 2);
    expect(response!.headers?.header('traceparent')).toBe('00-1-2-01');
    expect(response!.headers?.header('authorization')).toBeUndefined();
    expect(stages.map(({ stage }) => stage)).toEqual(['decode', 'run', 'encode']);
  });

  it('keep the code and the texts of errors', () => {
    const { end } = forwarding(all);
    request().finish('NOT_FOUND', new ServingError('NOT_FOUND', 'no such model', { hint: 'name another' }));
    const events = end();
    const errors: (ServingError | undefined)[] = [];
    onTestFinished(observeServing({ onResponse: ({ error }) => errors.push(error) }));
    new EventReplay({}).replay(events);
    expect(errors).toEqual([expect.any(ServingError)]);
    expect(errors[0]).toMatchObject({ code: 'NOT_FOUND', message: 'no such model', hint: 'name another' });
  });

  it('tell which requests a batch had, and know the batches of a signature by one object', () => {
    const { end } = forwarding(all);
    const traces = [request(), request()];
    const event: BatchEvent = {
      requests: traces,
      servable: source.servable,
      signature: 's',
      rows: 2,
      paddedRows: 2,
      startTime: 1,
      endTime: 2,
    } as unknown as BatchEvent;
    batchChannel.publish(event);
    for (let i = 0; i < 2; i++) batchingQueueChannel.publish({ source: { ...source, more: () => 0 }, batches: i });
    for (const trace of traces) trace.finish('OK');
    const events = end();
    const batches: BatchEvent[] = [];
    const queues: BatchingQueueEvent[] = [];
    const began: RequestTrace[] = [];
    onTestFinished(
      observeServing({
        onRequest: (trace) => began.push(trace),
        onBatch: (batch) => batches.push(batch),
        onBatchingQueue: (queue) => queues.push(queue),
      }),
    );
    new EventReplay({}).replay(events);
    expect(batches).toHaveLength(1);
    expect(batches[0]!.requests).toEqual(began);
    expect(queues.map((queue) => Reflect.get(queue, 'batches'))).toEqual([0, 1]);
    expect(queues[0]!.source).toBe(queues[1]!.source);
    expect(queues[0]!.source).toEqual(source);
  });

  it('are sent only of the kinds that have listeners, from then on', () => {
    const { forwarder, end } = forwarding([]);
    const before = request();
    forwarder.observe(['request']);
    before.finish('OK');
    const trace = request();
    trace.enter('run');
    trace.finish('OK');
    batchingRunChannel.publish({ source });
    const events = end();
    expect(events.map(({ kind }) => kind)).toEqual(['request', 'response']);
    expect(events[1]).toMatchObject({ stages: [] });
  });

  it('are sent together, and at once when many wait', () => {
    const { messages, end } = forwarding(['request']);
    for (let i = 0; i < 600; i++) request().finish('OK');
    expect(messages.map(({ length }) => length)).toEqual([512, 512]);
    expect(end()).toHaveLength(1200);
    expect(messages).toHaveLength(3);
  });
});

describe('kindsWithListeners', () => {
  it('names what this thread has listeners for', () => {
    expect(kindsWithListeners()).toEqual([]);
    const stop = observeServing({ onRequest: () => undefined, onBatchingQueue: () => undefined });
    expect(kindsWithListeners()).toEqual(['request', 'batchingQueue']);
    stop();
    expect(kindsWithListeners()).toEqual([]);
  });
});
