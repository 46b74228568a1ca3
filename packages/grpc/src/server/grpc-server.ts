/** A server that serves TensorFlow Serving's gRPC APIs alone. */
import { type Clock, systemClock } from '@serving/core/extend';
import {
  checkBindable,
  checkModelServer,
  checkOptionNames,
  servingThreadsOf,
  threadSupportOf,
} from '@serving/core/internal';
import type { GrpcModelServer } from '../grpc-model-server.js';
import { ThreadedCalls } from '../threads/grpc-threads.js';
import { transportLimits } from '../transport/transport-limits.js';
import { CallServer, type CallServerOptions } from './call-server.js';
import { DEFAULT_MAX_INFLATED_BYTES } from './compressed-message-limit.js';
import { connectionLimits, sessionLimits } from './connection-options.js';
import {
  checkGrpcServerOptions,
  type GrpcServerOptions,
  MAX_MESSAGE_BYTES,
  servicesOptions,
} from './grpc-server-options.js';
import { ServerListeners } from './server-listeners.js';

/** How long a closing server waits. */
export interface GrpcCloseOptions {
  /** Milliseconds after which calls in flight are cancelled. Default: no limit. */
  readonly timeoutMs?: number;
}

/**
 * Listens until it is closed. The model server stays the caller's, who closes it afterwards.
 *
 * @example
 * ```ts
 * await using grpc = await GrpcServer.listen(server, { port: 8500 });
 * ```
 */
export class GrpcServer implements AsyncDisposable {
  /** As bound, also by an `fd`; `undefined` without a TCP port. */
  readonly port: number | undefined;
  /** How many threads serve. */
  readonly threads: number;
  readonly #parts: Parts;
  #closed: Promise<void> | undefined;

  private constructor(parts: Parts, port: number | undefined) {
    this.#parts = parts;
    this.port = port;
    this.threads = parts.threads;
  }

  /**
   * @throws ServingError `UNAVAILABLE` when an address can't be listened on, `INVALID_ARGUMENT` when there is none, and for
   * TLS texts that are none; for several threads also `FAILED_PRECONDITION` when a platform's models run in one thread only, and
   * `UNIMPLEMENTED` on Windows and for engines without threads.
   */
  static async listen(modelServer: GrpcModelServer, options: GrpcServerOptions): Promise<GrpcServer> {
    checkModelServer(modelServer, 'GrpcServer.listen()');
    await checkGrpcServerOptions(options);
    const { port, host = '127.0.0.1', socketPath, fd } = options;
    const parts = await createParts(modelServer, options);
    try {
      let bound = port === undefined ? undefined : await parts.listeners.listenOnTcp(host, port);
      if (fd !== undefined) bound ??= await parts.listeners.listenOnDescriptor(fd);
      if (socketPath !== undefined) await parts.listeners.listenOnUnix(socketPath);
      return new GrpcServer(parts, bound);
    } catch (error) {
      await parts.listeners.close();
      await parts.calls.close();
      throw error;
    }
  }

  /**
   * Checks what {@link GrpcServer.listen} checks, before there is a model server, and whether it could listen.
   *
   * @throws ServingError as it.
   */
  static async check(options: GrpcServerOptions): Promise<void> {
    await checkGrpcServerOptions(options);
    if (options.port !== undefined) await checkBindable('gRPC', options.host ?? '127.0.0.1', options.port);
  }

  /**
   * Still accepts connections and calls, but each connection ends with its next call: its client is sent GOAWAY, has the calls answered that it
   * has sent, and opens the next connection elsewhere. Called by `drain` of `@serving/http` when its delay begins; {@link GrpcServer.close} comes after it.
   */
  drain(): void {
    this.#parts.calls.drain();
  }

  /**
   * Accepts no more connections, tells clients so (GOAWAY), answers the calls in flight, then closes. Streams of health and reflection
   * end. May be called again: the shortest time counts.
   */
  async close(options: GrpcCloseOptions = {}): Promise<void> {
    checkOptionNames(options, ['timeoutMs'], 'GrpcServer.close()');
    const { timeoutMs } = options;
    this.#closed ??= this.#close();
    if (timeoutMs === undefined) return this.#closed;
    const { clock, calls } = this.#parts;
    const cancel = clock.setTimer(() => calls.destroy(), timeoutMs);
    return this.#closed.finally(cancel);
  }

  async #close(): Promise<void> {
    const { calls, listeners } = this.#parts;
    this.drain();
    await listeners.close();
    await calls.close();
  }

  /** {@link GrpcServer.close} without a limit, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Serves connections, in this thread or in several. */
type Calls = Pick<CallServer, 'accept' | 'drain' | 'close' | 'destroy'>;

interface Parts {
  readonly threads: number;
  readonly calls: Calls;
  readonly listeners: ServerListeners;
  readonly clock: Clock;
}

async function createParts(modelServer: GrpcModelServer, options: GrpcServerOptions): Promise<Parts> {
  const { threads: asked = 1, clock = systemClock } = options;
  const threads = asked === 1 ? 1 : servingThreadsOf(modelServer).countOf(asked, 'The gRPC API');
  const served = await callServerOptions(options);
  const calls: Calls =
    threads === 1
      ? new CallServer(modelServer, served, clock)
      : await ThreadedCalls.start(modelServer, served, threads);
  const listeners = new ServerListeners(calls.accept, threads > 1, await threadSupportOf(modelServer));
  return { threads, calls, listeners, clock };
}

async function callServerOptions(options: GrpcServerOptions): Promise<CallServerOptions> {
  const { ssl, maxRequestBytes = MAX_MESSAGE_BYTES, channelOptions } = options;
  const maxInflatedBytes = Math.min(options.maxInflatedBytes ?? DEFAULT_MAX_INFLATED_BYTES, maxRequestBytes);
  const own = { ...sessionLimits(options), maxRequestBytes, maxInflatedBytes, maxResponseBytes: MAX_MESSAGE_BYTES };
  return {
    services: servicesOptions(options),
    transport: transportLimits(own, channelOptions),
    connections: await connectionLimits(options),
    ssl,
  };
}
