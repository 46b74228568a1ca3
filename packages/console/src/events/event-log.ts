/** What happened to a server's versions and configuration: the newest entries. */
import type { ModelServerEvents } from '@serving/core';
import type { EventSource } from '@serving/core/extend';
import type { LogEntry } from '../api/console-api.js';
import { entryOfState, type StateAtTime } from './state-text.js';

/** Begins with the changes of state that the server remembers. Each entry is made when its event comes, which is seldom. */
export class EventLog {
  readonly #entries: LogEntry[] = [];
  readonly #listeners = new Set<(entry: LogEntry) => void>();
  readonly #now: () => number;
  #lastId = 0;

  constructor(now: () => number, remembered: readonly StateAtTime[]) {
    this.#now = now;
    for (const { state, time } of remembered) this.#add({ time, ...entryOfState(state) });
  }

  /** Adds what a server publishes from now on. */
  listenTo(events: EventSource<ModelServerEvents>): void {
    for (const name of STATE_EVENTS) {
      events.on(name, (state) => this.#add({ time: this.#now(), ...entryOfState(state) }));
    }
    events.on('config:reloaded', ({ models }) => {
      const names = models.map((model) => JSON.stringify(model)).join(', ');
      this.#add({ time: this.#now(), level: 'info', message: `Model configuration reloaded: ${names || 'no models'}` });
    });
    events.on('server:draining', () =>
      this.#add({ time: this.#now(), level: 'warning', message: 'The server is draining' }),
    );
    events.on('error', ({ message }) => this.#add({ time: this.#now(), level: 'error', message }));
  }

  /** The newest, oldest first. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Calls back with each entry from now on, until the returned function is called. */
  onEntry(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #add(event: Omit<LogEntry, 'id'>): void {
    const entry = { id: ++this.#lastId, ...event };
    this.#entries.push(entry);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
    for (const listener of this.#listeners) listener(entry);
  }
}

const MAX_ENTRIES = 500;

/** The events of versions. */
export const STATE_EVENTS: readonly StateEvent[] = [
  'servable:start',
  'servable:loading',
  'servable:available',
  'servable:unloading',
  'servable:end',
];

type StateEvent = Extract<keyof ModelServerEvents, `servable:${string}`>;
