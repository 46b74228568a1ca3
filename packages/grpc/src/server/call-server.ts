/** Serves the connections of a gRPC server in one thread. */
import type { Socket } from 'node:net';
import type { Clock } from '@serving/core/extend';
import { bufferPoolOf } from '@serving/core/internal';
import { addServices, type ServingServices, type ServingServicesOptions } from '../add-serving-services.js';
import type { GrpcModelServer } from '../grpc-model-server.js';
import type { UnaryMethod } from '../services/unary-handler.js';
import { GrpcTransport, type TransportLimits } from '../transport/grpc-transport.js';
import { type GrpcConnectionLimits, ServerConnections } from './server-connections.js';
import { type GrpcTlsOptions, tlsOptions } from './server-credentials.js';

/** What is served, and what clients may cost. Plain data but for what `services` has of functions. */
export interface CallServerOptions {
  readonly services: ServingServicesOptions;
  readonly transport: TransportLimits;
  readonly connections: GrpcConnectionLimits;
  readonly ssl: GrpcTlsOptions | undefined;
}

/** Serves each connection that it is given until that closes. */
export class CallServer {
  readonly #transport: GrpcTransport;
  readonly #services: ServingServices;
  readonly #connections: ServerConnections;

  /**
   * @param reload see `addServices`
   * @throws ServingError `INVALID_ARGUMENT` for extensions that can't be loaded
   */
  constructor(modelServer: GrpcModelServer, options: CallServerOptions, clock: Clock, reload?: UnaryMethod) {
    const { services, transport: limits, connections, ssl } = options;
    this.#transport = new GrpcTransport(limits, bufferPoolOf(modelServer), clock);
    this.#services = addServices(this.#transport, modelServer, services, reload);
    const transport = this.#transport;
    this.#connections = new ServerConnections({ transport, tls: ssl && tlsOptions(ssl) }, connections, clock);
  }

  /** Takes a connection, whose owner it is from then on. */
  readonly accept = (socket: Socket): void => this.#connections.accept(socket);

  /** See `GrpcServer.drain`. */
  drain(): void {
    this.#transport.drain();
  }

  /** Answers the calls in flight. Resolves when every connection is closed. */
  async close(): Promise<void> {
    this.drain();
    await this.#connections.closeSilent();
    this.#services.close();
    this.#transport.close();
    await this.#connections.whenClosed();
  }

  /** Cancels all calls and closes their connections. */
  destroy(): void {
    this.#transport.destroy();
    this.#connections.destroy();
  }
}
