/** Publishes events of a serving thread on the main thread's channels. */
import { batchChannel } from '../../diagnostics/channels.js';
import type { BatchEvent, BatchingSource } from '../../diagnostics/events.js';
import { RequestTrace } from '../../diagnostics/request-trace.js';
import {
  batchingChannels,
  type ForwardedBatch,
  type ForwardedBatching,
  type ForwardedEvent,
  type ForwardedRequest,
  type ForwardedResponse,
} from '../forwarded-events.js';
import { fromPlainError } from '../plain-error.js';

/** Signatures of versions that are remembered. */
const MAX_SOURCES = 1000;

/** A clock with the times of the events. */
class ReplayClock {
  time = 0;

  now(): number {
    return this.time;
  }
}

/** One per thread. Events come in their order, some time after they happened; their times are when they happened. */
export class EventReplay {
  readonly #server: object;
  readonly #open = new Map<number, { readonly trace: RequestTrace; readonly clock: ReplayClock }>();
  /** Listeners identify a signature's batches by one object. */
  readonly #sources = new Map<string, BatchingSource>();

  /** @param server the model server that requests are published with */
  constructor(server: object) {
    this.#server = server;
  }

  replay(events: readonly ForwardedEvent[]): void {
    for (const event of events) {
      if (event.kind === 'request') this.#begin(event);
      else if (event.kind === 'response') this.#finish(event);
      else if (event.kind === 'batch') this.#batch(event);
      else this.#batching(event);
    }
  }

  #begin({ request, entrypoint, api, model, startTime, headers }: ForwardedRequest): void {
    const clock = new ReplayClock();
    clock.time = own(startTime);
    const trace = new RequestTrace({
      server: this.#server,
      entrypoint,
      api,
      model,
      clock,
      headers: { header: (name) => headers?.[name] },
    });
    this.#open.set(request, { trace, clock });
  }

  #finish({ request, stages, status, error, endTime, ...facts }: ForwardedResponse): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.#open.delete(request);
    const { trace, clock } = open;
    trace.model = facts.model;
    trace.version = facts.version;
    trace.signature = facts.signature;
    trace.exampleCount = facts.exampleCount;
    trace.ranInline = facts.ranInline;
    for (const [stage, startTime] of stages) {
      clock.time = own(startTime);
      trace.enter(stage === 'queue' ? 'run' : stage);
      if (stage === 'queue') trace.queued();
    }
    clock.time = own(endTime);
    trace.finish(status, error && fromPlainError(error));
  }

  #batch({ requests, event: { error, ...event } }: ForwardedBatch): void {
    const traces = requests.flatMap((request) => this.#open.get(request)?.trace ?? []);
    const told: BatchEvent = {
      ...event,
      startTime: own(event.startTime),
      endTime: own(event.endTime),
      requests: traces,
      ...(error && { error: fromPlainError(error) }),
    };
    batchChannel.publish(told);
  }

  #batching({ kind, event }: ForwardedBatching): void {
    const { servable, signature } = event.source;
    const key = JSON.stringify([servable, signature]);
    let source = this.#sources.get(key);
    if (source === undefined) {
      if (this.#sources.size >= MAX_SOURCES) this.#sources.clear();
      source = event.source;
      this.#sources.set(key, source);
    }
    batchingChannels[kind].publish({ ...event, source });
  }
}

/** A time since the epoch on this thread's clock. */
function own(time: number): number {
  return time - performance.timeOrigin;
}
