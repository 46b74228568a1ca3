/** Sends what happens to all event streams of a console. Nothing is encoded while none is open. */
import type { ModelServerEvents } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import type { Clock, EventSource } from '@serving/core/extend';
import type { ConsoleEvents, RequestTiming } from '../api/console-api.js';
import type { ModelInfos } from '../models/model-infos.js';
import type { ServerObservation } from '../observation/server-observation.js';
import { type EventLog, STATE_EVENTS } from './event-log.js';
import { EventStream, eventBytes } from './event-stream.js';

/** What is sent. */
export interface BroadcastSources {
  readonly infos: ModelInfos;
  readonly observation: ServerObservation;
  readonly log: EventLog;
  /** `undefined` for a server that publishes nothing, as in tests. */
  readonly events: EventSource<ModelServerEvents> | undefined;
  readonly clock: Clock;
}

/** Subscribes with the first stream and unsubscribes after the last. */
export class EventBroadcast {
  readonly #sources: BroadcastSources;
  readonly #streams = new Set<EventStream>();
  readonly #changed = new Set<string>();
  #isChangeDue = false;
  #isEnded = false;
  #subscriptions: (() => void)[] = [];

  constructor(sources: BroadcastSources) {
    this.#sources = sources;
  }

  /** Whether new streams are still opened. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** A stream of all that happens from now on. */
  open(): EventStream {
    const stream = new EventStream(() => this.#closed(stream));
    if (this.#streams.size === 0) this.#subscribe();
    this.#streams.add(stream);
    stream.send(eventBytes('tick', this.#sources.observation.tick));
    return stream;
  }

  /** Ends all streams, so that their connections do not keep a listener from closing. */
  end(): void {
    this.#isEnded = true;
    for (const stream of [...this.#streams]) stream.end();
  }

  #closed(stream: EventStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    for (const stop of this.#subscriptions.splice(0)) stop();
    this.#sources.observation.requests.onResponse = () => undefined;
  }

  #subscribe(): void {
    const { observation, log, events } = this.#sources;
    this.#subscriptions = [
      observation.watch((tick) => this.#send('tick', tick)),
      log.onEntry((entry) => this.#send('log', entry)),
    ];
    observation.requests.onResponse = (request) => this.#timing(request);
    if (events === undefined) return;
    for (const name of STATE_EVENTS) {
      this.#subscriptions.push(events.on(name, ({ id }) => this.#modelChanged([id.name])));
    }
    this.#subscriptions.push(events.on('config:reloaded', ({ models }) => this.#modelChanged(models)));
  }

  #send<Name extends keyof ConsoleEvents>(name: Name, data: ConsoleEvents[Name]): void {
    const bytes = eventBytes(name, data);
    for (const stream of this.#streams) stream.send(bytes);
  }

  /** Changes that come together are sent together. */
  #modelChanged(names: readonly string[]): void {
    for (const name of names) this.#changed.add(name);
    if (this.#isChangeDue) return;
    this.#isChangeDue = true;
    this.#sources.clock.setTimer(() => {
      this.#isChangeDue = false;
      const { infos } = this.#sources;
      const changed = infos.of([...this.#changed]);
      this.#changed.clear();
      if (this.#streams.size > 0) this.#send('models', { names: infos.names, changed });
    }, CHANGES_TOGETHER_MS);
  }

  #timing(request: RequestTrace): void {
    const id = request.headers?.header('console-request');
    if (id !== undefined && id.length <= MAX_ID_LENGTH) this.#send('timing', timingOf(id, request));
  }
}

const CHANGES_TOGETHER_MS = 50;
const MAX_ID_LENGTH = 64;

function timingOf(id: string, request: RequestTrace): RequestTiming {
  const { model, version, signature, status = 'UNKNOWN', startTime, endTime = startTime, ranInline } = request;
  return {
    id,
    model,
    ...(version !== undefined && { version: String(version) }),
    ...(signature !== undefined && { signature }),
    status,
    totalMs: endTime - startTime,
    stages: request.stageMs ?? {},
    ...(ranInline !== undefined && { ranInline }),
  };
}
