/** Graceful shutdown of a model server behind listeners. */
import { once } from 'node:events';
import type { Server as NetServer } from 'node:net';
import { type CloseOptions, ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import { ConnectionDrain } from '../connections/connection-drain.js';
import { isHttpServer } from '../connections/open-connections.js';

/** How long the parts of a shutdown take. */
export interface DrainOptions {
  /**
   * Milliseconds that requests are still taken after readiness turned false, so that load balancers notice and keep-alive
   * connections end with an answer that says "Connection: close". `false`: none. Default: 1000.
   */
  readonly drainDelayMs?: number | false;
  /** Milliseconds from the call after which requests in flight are given up. `false`: no limit. Default: 25000. */
  readonly timeoutMs?: number | false;
  /** Where time comes from; the model server's own, when it was given one. Default: the machine's. */
  readonly clock?: Clock;
}

const delay = {
  type: 'number ≥ 0, `false`',
  expected: 'milliseconds from 0, or false',
  accepts: (value: unknown) => value === false || optionKinds.fromZero.accepts(value),
};

/** The options by name. */
export const drainOptions: OptionsTable<DrainOptions> = {
  drainDelayMs: {
    ...delay,
    default: 1000,
    meaning: 'how long requests are still taken after readiness turned false; `false`: not at all',
  },
  timeoutMs: {
    ...delay,
    default: 25_000,
    meaning: 'from the call on, after which requests in flight are given up; `false`: never',
  },
  clock: {
    ...optionKinds.object('`Clock`', 'a clock, an object with now and setTimer', 'now', 'setTimer'),
    default: "the machine's",
    meaning: 'where time comes from',
  },
};

/** A `RestServer`, a `GrpcServer`, or anything else that takes requests for a model server. */
export interface DrainableListener {
  /** Called when the drain delay begins; requests are still to be answered. */
  drain?(): void;
  /** Takes no more requests; resolves when those in flight are answered. `timeoutMs` gives them up. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** What `drain` does to a model server; a `ModelServer` is one. */
export interface DrainableModelServer {
  /** Announces the shutdown: health endpoints respond "not serving". */
  drain?(): void;
  /** Resolves when every model is unloaded, or after `timeoutMs`. */
  close(options?: CloseOptions): Promise<void>;
}

/**
 * Ends a server without a failed request, and always ends. At once: readiness turns false (`/health/ready`, gRPC's health
 * service), and each answer says "Connection: close". After `drainDelayMs`: the listener closes, connections on which no
 * byte came since are closed, half requests have 5 seconds to arrive, and other connections close when their answer is
 * flushed. Then the model server closes. `timeoutMs` ends all of it.
 *
 * A listener of `node:http` or `node:https` is drained whatever framework it serves; one of HTTP/2 is closed by its own
 * `close`. Several listeners are drained side by side.
 *
 * @example
 * ```ts
 * const listener = app.listen(8501);
 * process.once('SIGTERM', () => drain(listener, server));
 * ```
 * @throws ServingError `INVALID_ARGUMENT`, with nothing done, for a wrong time, for unknown options, and for a listener or a server
 * that is missing or still a promise; what the model server's or a listener's `close` rejects with.
 */
export async function drain(
  listeners: NetServer | DrainableListener | readonly (NetServer | DrainableListener)[],
  server: DrainableModelServer,
  options: DrainOptions = {},
): Promise<void> {
  checkOptions(options, drainOptions, 'drain()');
  const { drainDelayMs = 1000, timeoutMs = 25_000, clock = systemClock } = options;
  const endsAt = timeoutMs === false ? undefined : clock.now() + timeoutMs;
  const left = (): { readonly timeoutMs?: number } =>
    endsAt === undefined ? {} : { timeoutMs: Math.max(0, endsAt - clock.now()) };
  const all = [listeners].flat();
  for (const listener of all) checkClosable(listener, 'a listener, as app.listen(…) returns');
  checkClosable(server, 'a model server, as ModelServer.start resolves with');
  const drainable = all.map((listener) => toDrainable(listener as NetServer, clock));
  server.drain?.();
  for (const listener of drainable) listener.drain?.();
  if (drainDelayMs !== false) await wait(clock, Math.min(drainDelayMs, left().timeoutMs ?? drainDelayMs));
  await Promise.all(drainable.map((listener) => listener.close(left())));
  await server.close(left());
}

/** A listener of any kind as one that drains. */
export function toDrainable(listener: NetServer | DrainableListener, clock: Clock): DrainableListener {
  if (isHttpServer(listener)) {
    const connections = new ConnectionDrain(listener, clock);
    return { drain: () => connections.begin(), close: (limit) => connections.close(limit) };
  }
  if (!isNetServer(listener)) return listener;
  return { close: ({ timeoutMs } = {}) => closeServer(listener, timeoutMs, clock) };
}

async function closeServer(listener: NetServer, timeoutMs: number | undefined, clock: Clock): Promise<void> {
  const closed = once(listener, 'close');
  listener.close();
  await (timeoutMs === undefined ? closed : Promise.race([closed, wait(clock, timeoutMs)]));
}

function isNetServer(listener: NetServer | DrainableListener): listener is NetServer {
  return 'getConnections' in listener;
}

function wait(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(resolve, delayMs);
  });
}

function checkClosable(value: unknown, expected: string): void {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (isObject && typeof Reflect.get(value, 'close') === 'function') return;
  const isPromise = isObject && typeof Reflect.get(value, 'then') === 'function';
  const got = isPromise ? 'a promise: await it first' : isObject ? 'a value without close()' : String(value);
  throw ServingError.invalidArgument(`drain() needs ${expected}, got ${got}`);
}
