/** A server of grpc-js that serves TensorFlow Serving's gRPC APIs alone. */
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type Clock, systemClock } from '@serving/core/extend';
import { checkBindable, checkModelServer, checkOptionNames } from '@serving/core/internal';
import { addServices, type ServingServices } from '../add-serving-services.js';
import type { GrpcModelServer } from '../grpc-model-server.js';
import { DEFAULT_MAX_INFLATED_BYTES, limitCompressedMessages } from './compressed-message-limit.js';
import { connectionChannelOptions, connectionLimits } from './connection-options.js';
import { checkGrpcServerOptions, type GrpcServerOptions, MAX_MESSAGE_BYTES } from './grpc-server-options.js';
import { http2ServerOf } from './http2-server.js';
import { ServerConnections } from './server-connections.js';
import { tlsOptions } from './server-credentials.js';
import { ServerListeners } from './server-listeners.js';
import { SessionDrain } from './session-drain.js';

/** How long a closing server waits. */
export interface GrpcCloseOptions {
  /** Milliseconds after which calls under way are cancelled. Default: no limit. */
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
  /** As bound; `undefined` without a TCP port. */
  readonly port: number | undefined;
  readonly #parts: Parts;
  #closed: Promise<void> | undefined;

  private constructor(parts: Parts, port: number | undefined) {
    this.#parts = parts;
    this.port = port;
  }

  /**
   * @throws ServingError `UNAVAILABLE` when an address can't be listened on, `INVALID_ARGUMENT` when there is none, and for
   * TLS texts that are none.
   */
  static async listen(modelServer: GrpcModelServer, options: GrpcServerOptions): Promise<GrpcServer> {
    checkModelServer(modelServer, 'GrpcServer.listen()');
    await checkGrpcServerOptions(options);
    const { port, host = '127.0.0.1', socketPath } = options;
    const parts = await createParts(modelServer, options);
    try {
      const bound = port === undefined ? undefined : await parts.listeners.listenOnTcp(host, port);
      if (socketPath !== undefined) await parts.listeners.listenOnUnix(socketPath);
      return new GrpcServer(parts, bound);
    } catch (error) {
      await parts.listeners.close();
      parts.services.close();
      parts.server.forceShutdown();
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
   * Still accepts connections and calls, but each connection ends with its next call: its client is sent GOAWAY, and opens the next one
   * elsewhere. Called by `drain` of `@serving/http` when its delay begins; {@link GrpcServer.close} comes after it.
   */
  drain(): void {
    this.#parts.sessionDrain.begin();
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
    const { clock, server, connections } = this.#parts;
    const cancel = clock.setTimer(() => {
      server.forceShutdown();
      connections.destroy();
    }, timeoutMs);
    return this.#closed.finally(cancel);
  }

  async #close(): Promise<void> {
    const { server, services, listeners, connections, sessionDrain } = this.#parts;
    this.drain();
    await listeners.close();
    await connections.closeSilent();
    services.close();
    await sessionDrain.whenIdle();
    await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    await connections.whenClosed();
  }

  /** {@link GrpcServer.close} without a limit, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

interface Parts {
  readonly server: Server;
  readonly services: ServingServices;
  readonly listeners: ServerListeners;
  readonly connections: ServerConnections;
  readonly sessionDrain: SessionDrain;
  readonly clock: Clock;
}

async function createParts(modelServer: GrpcModelServer, options: GrpcServerOptions): Promise<Parts> {
  const { ssl, maxRequestBytes = MAX_MESSAGE_BYTES, channelOptions, clock = systemClock } = options;
  const maxInflatedBytes = Math.min(options.maxInflatedBytes ?? DEFAULT_MAX_INFLATED_BYTES, maxRequestBytes);
  const limits = await connectionLimits(options);
  const tls = ssl && tlsOptions(ssl);
  const sessionDrain = new SessionDrain();
  const server = new Server({
    'grpc.max_receive_message_length': maxRequestBytes,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    ...connectionChannelOptions(options),
    ...channelOptions,
    interceptors: [limitCompressedMessages({ maxInflatedBytes }), sessionDrain.interceptor],
  });
  const services = addServices(server, modelServer, options);
  // TLS is ended before: grpc-js would keep its sockets to itself.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const http2Server = http2ServerOf(server);
  const connections = new ServerConnections({ injector, http2Server, tls }, limits, clock);
  return { server, services, listeners: new ServerListeners(connections.accept), connections, sessionDrain, clock };
}
