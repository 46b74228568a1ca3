/** Sends what happens in a serving thread to the listeners of the main thread, many events in a message. */
import { systemClock } from '../../clock.js';
import type { BatchEvent } from '../../diagnostics/events.js';
import { observeServing, type ServingObserver } from '../../diagnostics/observe-serving.js';
import type { RequestStageEvent, RequestTrace } from '../../diagnostics/request-trace.js';
import type { BatchingEvents, BatchingKind, ForwardedEvent, ForwardedKind } from '../forwarded-events.js';
import { toPlainError } from '../plain-error.js';
import type { ThreadChannel } from '../thread-channel.js';

/** Milliseconds that an event waits for others. */
const FLUSH_MS = 50;
/** Events that wait at most. */
const MAX_WAITING = 512;
/** Where propagators read the context of a trace. */
const TRACE_HEADERS = ['traceparent', 'tracestate', 'baggage', 'b3'];

interface OpenRequest {
  readonly number: number;
  readonly stages: [RequestStageEvent['stage'], number][];
}

/** Observes only what the main thread has listeners for. */
export class EventForwarder {
  readonly #channel: ThreadChannel;
  readonly #open = new Map<RequestTrace, OpenRequest>();
  #waiting: ForwardedEvent[] = [];
  #cancelFlush: (() => void) | undefined;
  #requests = 0;
  #kinds = '';
  #stop: () => void = () => {};

  constructor(channel: ThreadChannel) {
    this.#channel = channel;
  }

  /** From now on only these are forwarded. */
  observe(kinds: readonly ForwardedKind[]): void {
    const key = kinds.join();
    if (key === this.#kinds) return;
    this.#kinds = key;
    this.#stop();
    this.#open.clear();
    this.#stop = kinds.length === 0 ? () => {} : observeServing(this.#observer(new Set(kinds)));
  }

  /** Sends what waits. */
  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#waiting.length === 0) return;
    this.#channel.send('observed', this.#waiting);
    this.#waiting = [];
  }

  #observer(kinds: ReadonlySet<ForwardedKind>): ServingObserver {
    const batching = <K extends BatchingKind>(kind: K): ((event: BatchingEvents[K]) => void) | undefined =>
      kinds.has(kind) ? (event) => this.#add({ kind, event: plainBatching(event) }) : undefined;
    const [onBatchingRequest, onBatchingQueue] = [batching('batchingRequest'), batching('batchingQueue')];
    const [onBatchingRun, onBatchingRejection] = [batching('batchingRun'), batching('batchingRejection')];
    return {
      ...(kinds.has('request') && {
        onRequest: (request) => this.#onRequest(request),
        onResponse: (request) => this.#onResponse(request),
      }),
      ...(kinds.has('stage') && {
        onStage: ({ request, stage, startTime }) => this.#open.get(request)?.stages.push([stage, epoch(startTime)]),
      }),
      ...(kinds.has('batch') && { onBatch: (event) => this.#onBatch(event) }),
      ...(onBatchingRequest && { onBatchingRequest }),
      ...(onBatchingQueue && { onBatchingQueue }),
      ...(onBatchingRun && { onBatchingRun }),
      ...(onBatchingRejection && { onBatchingRejection }),
    };
  }

  #onRequest(request: RequestTrace): void {
    const { entrypoint, api, model, startTime } = request;
    const number = ++this.#requests;
    this.#open.set(request, { number, stages: [] });
    const headers = traceHeaders(request);
    this.#add({
      kind: 'request',
      request: number,
      entrypoint,
      api,
      model,
      startTime: epoch(startTime),
      ...(headers && { headers }),
    });
  }

  #onResponse(request: RequestTrace): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.#open.delete(request);
    const { model, version, signature, exampleCount, ranInline, error } = request;
    const { status = 'UNKNOWN', endTime = request.startTime } = request;
    this.#add({
      kind: 'response',
      request: open.number,
      model,
      version,
      signature,
      exampleCount,
      ranInline,
      status,
      endTime: epoch(endTime),
      stages: open.stages,
      ...(error && { error: toPlainError(error) }),
    });
  }

  #onBatch({ requests, error, ...event }: BatchEvent): void {
    this.#add({
      kind: 'batch',
      requests: requests.flatMap((request) => this.#open.get(request)?.number ?? []),
      event: {
        ...event,
        startTime: epoch(event.startTime),
        endTime: epoch(event.endTime),
        ...(error && { error: toPlainError(error) }),
      },
    });
  }

  #add(event: ForwardedEvent): void {
    const count = this.#waiting.push(event);
    if (count >= MAX_WAITING) this.flush();
    else if (count === 1) this.#cancelFlush = systemClock.setTimer(() => this.flush(), FLUSH_MS);
  }
}

/** The source is an object that belongs to the batcher, of which only these are read. */
function plainBatching<Event extends BatchingEvents[BatchingKind]>(event: Event): Event {
  const { servable, signature, threadPoolName } = event.source;
  return { ...event, source: { servable, signature, threadPoolName } };
}

function traceHeaders({ headers }: RequestTrace): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const name of TRACE_HEADERS) {
    const value = headers?.header(name);
    if (value !== undefined) found[name] = value;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

function epoch(time: number): number {
  return time + performance.timeOrigin;
}
