/** A server of grpc-js that serves TensorFlow Serving's gRPC APIs alone. */
import { type ChannelOptions, Server, type ServerCredentials } from '@grpc/grpc-js';
import { type Clock, ServingError, systemClock } from '@serving/core';
import type { SslConfig } from '@serving/protos';
import { addServingServices, type ServingServices, type ServingServicesOptions } from './add-serving-services.js';
import type { GrpcModelServer } from './grpc-model-server.js';
import { serverCredentials } from './server-credentials.js';
import { removeStaleSocket } from './stale-socket.js';

/** Where to listen, and what the services offer. */
export interface GrpcServerOptions extends ServingServicesOptions {
  /** 0 lets the system choose. Absent: no TCP port; there has to be a `socketPath` then. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`: only this machine. `0.0.0.0` and `::` are every interface. */
  readonly host?: string;
  /** Path of a unix socket to listen on too. A socket that is left there by a process that has ended is replaced. */
  readonly socketPath?: string;
  /** TLS for every address. Default: none. */
  readonly ssl?: SslConfig;
  /** Bytes that a request may have before it is answered with `RESOURCE_EXHAUSTED`. Default 2³¹−1, as in TensorFlow Serving. */
  readonly maxRequestBytes?: number;
  /** Further options of grpc-js, such as `grpc.max_concurrent_streams`. They win. */
  readonly channelOptions?: ChannelOptions;
}

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
  readonly #server: Server;
  readonly #services: ServingServices;
  readonly #clock: Clock;
  #closed: Promise<void> | undefined;

  private constructor(server: Server, services: ServingServices, port: number | undefined, clock: Clock) {
    this.#server = server;
    this.#services = services;
    this.port = port;
    this.#clock = clock;
  }

  /**
   * @throws ServingError `UNAVAILABLE` when an address can't be listened on, `INVALID_ARGUMENT` when there is none, and for
   * TLS texts that are none.
   */
  static async listen(modelServer: GrpcModelServer, options: GrpcServerOptions): Promise<GrpcServer> {
    const { port, host = '127.0.0.1', socketPath, ssl, maxRequestBytes = MAX_BYTES, channelOptions } = options;
    if (port === undefined && socketPath === undefined) {
      throw new ServingError('INVALID_ARGUMENT', 'gRPC needs a port or a socketPath to listen on');
    }
    const credentials = serverCredentials(ssl);
    const server = new Server({
      'grpc.max_receive_message_length': maxRequestBytes,
      'grpc.max_send_message_length': MAX_BYTES,
      ...channelOptions,
    });
    const services = addServingServices(server, modelServer, options);
    try {
      const bound = port === undefined ? undefined : await bind(server, tcpAddress(host, port), credentials);
      if (socketPath !== undefined) {
        await removeStaleSocket(socketPath);
        await bind(server, `unix:${socketPath}`, credentials);
      }
      return new GrpcServer(server, services, bound, options.clock ?? systemClock);
    } catch (error) {
      services.close();
      server.forceShutdown();
      throw error;
    }
  }

  /** Takes no more calls, answers those that are under way, then closes. May be called again: the shortest time counts. */
  close({ timeoutMs }: GrpcCloseOptions = {}): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#services.close();
      this.#server.tryShutdown(() => resolve());
    });
    if (timeoutMs === undefined) return this.#closed;
    const cancel = this.#clock.setTimer(() => this.#server.forceShutdown(), timeoutMs);
    return this.#closed.finally(cancel);
  }

  /** {@link GrpcServer.close} without a limit, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const MAX_BYTES = 2 ** 31 - 1;

function tcpAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Gives the port that was bound. */
function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (cause, port) => {
      if (cause)
        reject(new ServingError('UNAVAILABLE', `gRPC can't listen on ${address}: ${cause.message}`, { cause }));
      else resolve(port);
    });
  });
}
