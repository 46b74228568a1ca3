/** What the server says of itself, kept up to date by its events. Pages read the signals. */
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type {
  ConsoleSnapshot,
  ConsoleTick,
  LogEntry,
  ModelInfo,
  ModelsChange,
  ProcessSample,
  RequestTiming,
  ServerInfo,
} from '../../../src/api/console-api.js';
import { fetchJson } from './console-api-client.js';

export type Connection = 'connecting' | 'live' | 'lost';

/** Samples of an hour, at one per second. */
const PROCESS_SAMPLES = 3600;
const LOG_ENTRIES = 1000;

export const connection: Signal<Connection> = signal('connecting');
/** Why the snapshot is missing. */
export const connectionError: Signal<string | undefined> = signal(undefined);
export const server: Signal<ServerInfo | undefined> = signal(undefined);
export const models: Signal<readonly ModelInfo[]> = signal([]);
export const log: Signal<readonly LogEntry[]> = signal([]);
export const latestTick: Signal<ConsoleTick | undefined> = signal(undefined);
export const processHistory: Signal<readonly ProcessSample[]> = signal([]);
/** The timing of the last requests that this page has sent, by their id. */
export const requestTimings: Signal<ReadonlyMap<string, RequestTiming>> = signal(new Map());
/** Of all models together in the last second. */
export const totals: ReadonlySignal<{ readonly requests: number; readonly errors: number; readonly inFlight: number }> =
  computed(() => {
    const sum = { requests: 0, errors: 0, inFlight: 0 };
    for (const { requests, errors, inFlight } of Object.values(latestTick.value?.models ?? {})) {
      sum.requests += requests;
      sum.errors += errors;
      sum.inFlight += inFlight;
    }
    return sum;
  });

/** What the server's clock is ahead of this machine's. */
let clockAhead = 0;

/** The server's time, now. */
export function serverNow(): number {
  return Date.now() + clockAhead;
}

/** Loads the snapshot and follows the events, with a new snapshot after each interruption. */
export function followServer(): void {
  const events = new EventSource('api/events');
  const on = <T>(name: string, listener: (data: T) => void): void => {
    events.addEventListener(name, (event) => listener(JSON.parse((event as MessageEvent<string>).data) as T));
  };
  on<ConsoleTick>('tick', takeTick);
  on<ModelsChange>('models', ({ names, changed }) => {
    const byName = new Map([...models.value, ...changed].map((model) => [model.name, model]));
    models.value = names.flatMap((name) => byName.get(name) ?? []);
  });
  on<LogEntry>('log', (entry) => {
    const last = log.value.at(-1);
    if (last === undefined || entry.id > last.id) log.value = [...log.value, entry].slice(-LOG_ENTRIES);
  });
  on<RequestTiming>('timing', (timing) => {
    requestTimings.value = new Map([...requestTimings.value, [timing.id, timing] as const].slice(-20));
  });
  events.addEventListener('open', () => void loadSnapshot());
  events.addEventListener('error', () => {
    connection.value = 'lost';
    if (events.readyState === EventSource.CLOSED) retryWhenSeen();
  });
}

async function loadSnapshot(): Promise<void> {
  try {
    const snapshot = await fetchJson<ConsoleSnapshot>('api/snapshot');
    clockAhead = snapshot.time - Date.now();
    server.value = snapshot.server;
    models.value = snapshot.models;
    log.value = snapshot.log;
    processHistory.value = snapshot.processHistory;
    takeTick(snapshot.tick);
    connection.value = 'live';
    connectionError.value = undefined;
  } catch (error) {
    connectionError.value = (error as Error).message;
    connection.value = 'lost';
  }
}

function takeTick(tick: ConsoleTick): void {
  latestTick.value = tick;
  const { process } = tick;
  if (process.time > (processHistory.value.at(-1)?.time ?? 0)) {
    processHistory.value = [...processHistory.value, process].slice(-PROCESS_SAMPLES);
  }
}

/** A browser gives up on an event stream that was refused; the page tries again when it is visible. */
function retryWhenSeen(): void {
  const retry = (): void => {
    document.removeEventListener('visibilitychange', retry);
    window.removeEventListener('focus', retry);
    followServer();
  };
  document.addEventListener('visibilitychange', retry);
  window.addEventListener('focus', retry);
}

/** Calls a function with each further tick until the returned function is called. */
export function onTick(listener: (tick: ConsoleTick) => void): () => void {
  let isFirst = true;
  return effect(() => {
    const tick = latestTick.value;
    if (!isFirst && tick) listener(tick);
    isFirst = false;
  });
}
