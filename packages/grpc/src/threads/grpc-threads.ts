/** The gRPC APIs in several serving threads. */
import type { Socket } from 'node:net';
import {
  builtModuleUrl,
  postableModule,
  servingThreadsOf,
  type ThreadService,
  threadShare,
} from '@serving/core/internal';
import type { ServingServicesOptions } from '../add-serving-services.js';
import type { GrpcModelServer } from '../grpc-model-server.js';
import type { CallServerOptions } from '../server/call-server.js';
import { ReloadMethod } from '../services/reload-method.js';
import { ConnectionHandover } from './connection-handover.js';

/** Hands each connection to one of several threads. */
export class ThreadedCalls {
  readonly #handover: ConnectionHandover;
  readonly #service: ThreadService;

  private constructor(handover: ConnectionHandover, service: ThreadService) {
    this.#handover = handover;
    this.#service = service;
  }

  /**
   * Resolves when every thread can serve.
   *
   * @throws ServingError `INVALID_ARGUMENT` for extensions that other threads can't load, and what a thread fails with
   */
  static async start(
    modelServer: GrpcModelServer,
    { services, ...limits }: CallServerOptions,
    threads: number,
  ): Promise<ThreadedCalls> {
    const { maxConnections } = limits.connections;
    const data: CallServerOptions = {
      ...limits,
      services: postableServices(services),
      connections: { ...limits.connections, maxConnections: threadShare(maxConnections, threads) },
    };
    const pool = servingThreadsOf(modelServer);
    const handover = new ConnectionHandover(maxConnections);
    const reload = new ReloadMethod(modelServer, { ...services, flushMetrics: () => pool.flush() });
    const service = await pool.start({
      threads,
      title: 'The gRPC API',
      module: builtModuleUrl('./grpc-thread.js', import.meta.url),
      data,
      handlers: {
        reload: (request: Uint8Array) => reload.handle(request),
        closed: (connection: number) => handover.closed(connection),
      },
      onPartStarted: (part) => handover.addPart(part),
    });
    return new ThreadedCalls(handover, service);
  }

  /** Takes a connection from which nothing was read. */
  readonly accept = (socket: Socket): void => this.#handover.accept(socket);

  /** See `GrpcServer.drain`. */
  drain(): void {
    this.#service.drain();
  }

  /** Answers the calls in flight. Resolves when every connection is closed. */
  async close(): Promise<void> {
    await this.#handover.settle();
    await this.#service.close();
  }

  /** Cancels all calls and closes their connections. */
  destroy(): void {
    this.#handover.destroy();
    void this.#service.close({ timeoutMs: 0 });
  }
}

/** Functions and the clock stay in this thread. */
function postableServices(services: ServingServicesOptions): ServingServicesOptions {
  const { completeReload: _complete, readMetric: _read, clock: _clock, extensions, ...plain } = services;
  if (extensions === undefined) return plain;
  return { ...plain, extensions: extensions.map((module, i) => postableModule(module, `extensions[${i}]`)) };
}
