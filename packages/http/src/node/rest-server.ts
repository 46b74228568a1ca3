/** A `node:http` server that serves the REST API alone, with the HTTP layer's behaviour of TensorFlow Serving. */
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { checkBindable, checkModelServer, checkOptionNames } from '@serving/core/internal';
import { ConnectionDrain } from '../connections/connection-drain.js';
import { ConnectionLimits } from '../connections/connection-limits.js';
import { dueAnswer } from '../connections/due-answer.js';
import type { HttpServer } from '../connections/open-connections.js';
import { isRefused, refuseConnection } from '../connections/refuse-connection.js';
import { HttpHandler } from '../http-handler.js';
import type { RestModelServer } from '../rest/rest-model-server.js';
import { type ParseFailure, statusOfRejected } from './client-error.js';
import { type NodeHandler, nodeHandlerOf } from './node-handler.js';
import {
  checkRestServerOptions,
  type RestServerLimits,
  type RestServerOptions,
  type RestTlsOptions,
  restServerLimits,
} from './rest-server-options.js';

/**
 * Listens until it is closed. The model server stays the caller's, who closes it afterwards.
 *
 * @example
 * ```ts
 * await using rest = await RestServer.listen(server, { port: 8501 });
 * ```
 */
export class RestServer implements AsyncDisposable {
  readonly #server: HttpServer;
  readonly #api: HttpHandler;
  readonly #connections: ConnectionDrain;

  private constructor(server: HttpServer, api: HttpHandler, clock: Clock) {
    this.#server = server;
    this.#api = api;
    this.#connections = new ConnectionDrain(server, clock);
  }

  /**
   * @throws ServingError `UNAVAILABLE` when the address can't be listened on, `INVALID_ARGUMENT` for TLS texts that are none and
   * for limits that are not positive numbers.
   */
  static async listen(modelServer: RestModelServer, options: RestServerOptions): Promise<RestServer> {
    checkModelServer(modelServer, 'The REST API');
    checkRestServerOptions(options);
    const { port, host = '127.0.0.1', clock = systemClock } = options;
    const limits = await restServerLimits(options);
    const api = new HttpHandler(modelServer, options);
    const server = createHttpServer(nodeHandlerOf(api, clock), options.tls, limits);
    server.on('clientError', (error: NodeJS.ErrnoException & ParseFailure, socket) =>
      answerClientError(error, socket, clock),
    );
    server.on('connect', (_request, socket) => refuseConnection(socket, 501, clock));
    server.listen(port, host);
    try {
      await once(server, 'listening');
    } catch (cause) {
      throw new ServingError('UNAVAILABLE', `REST can't listen on ${host}:${port}: ${(cause as Error).message}`, {
        cause,
      });
    }
    // A connection that can't be accepted (too many open files) is the client's loss, not the server's end.
    server.on('error', () => undefined);
    new ConnectionLimits(server, limits, clock);
    return new RestServer(server, api, clock);
  }

  /**
   * Checks what {@link RestServer.listen} checks, before there is a model server, and whether it could listen.
   *
   * @throws ServingError as it.
   */
  static async check(options: RestServerOptions): Promise<void> {
    checkRestServerOptions(options);
    await checkBindable('REST', options.host ?? '127.0.0.1', options.port);
  }

  /** The address as bound. */
  get host(): string {
    return this.#address.address;
  }

  /** The port as bound. */
  get port(): number {
    return this.#address.port;
  }

  /**
   * Announces the close: its health endpoints report "not ready", and each answer says "Connection: close". Connections and
   * requests are still taken. The `drain` function calls it, and `close` when the drain delay is over.
   */
  drain(): void {
    this.#api.drain();
    this.#connections.begin();
  }

  /**
   * Takes no more connections, answers the requests in flight, and closes each connection when its answer is flushed; one on
   * which no byte came since {@link drain} closes at once. Half requests have 5 seconds to arrive. After `timeoutMs` all that is
   * open is cut; default: no limit. May be called again: the shortest time counts.
   */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    checkOptionNames(options, ['timeoutMs'], 'RestServer.close()');
    this.drain();
    return this.#connections.close(options);
  }

  /** {@link RestServer.close} without a limit, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #address(): AddressInfo {
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) return address;
    throw new ServingError('FAILED_PRECONDITION', 'The REST server is closed');
  }
}

/** Sooner than its default of 30 s, so that a limit of time means what it says. */
const CONNECTIONS_CHECKING_INTERVAL_MS = 5000;
/** Node's default, for a whole request. */
const REQUEST_TIMEOUT_MS = 300_000;

function createHttpServer(
  handler: NodeHandler,
  tls: RestTlsOptions | undefined,
  { keepAliveTimeoutMs, requestStallTimeoutMs }: RestServerLimits,
): HttpServer {
  const headersTimeout = Math.min(requestStallTimeoutMs || 0, REQUEST_TIMEOUT_MS);
  const options = {
    requireHostHeader: false,
    keepAliveTimeout: keepAliveTimeoutMs || 0,
    headersTimeout,
    requestTimeout: headersTimeout === 0 ? 0 : REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CONNECTIONS_CHECKING_INTERVAL_MS,
  };
  const server = tls ? createHttpsServer(handler, tls, options) : createServer(options, handler);
  // A client that sends its request and closes its side waits for the answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  return server;
}

function createHttpsServer(
  handler: NodeHandler,
  { requireClientCert = false, ...texts }: RestTlsOptions,
  options: ServerOptions,
): TlsServer {
  const client = { requestCert: requireClientCert, rejectUnauthorized: requireClientCert };
  const handshake = {
    allowHalfOpen: true,
    ...(options.headersTimeout && { handshakeTimeout: options.headersTimeout }),
  };
  return createTlsServer({ ...options, ...handshake, ...texts, ...client }, handler);
}

/** What the parser turns away gets the page that TensorFlow Serving answers, unless another request's answer is still due. */
function answerClientError(error: NodeJS.ErrnoException & ParseFailure, socket: Duplex, clock: Clock): void {
  if (isRefused(socket)) return;
  // A page written now would be taken for that request's answer. That is as it should be while the request's own body is what
  // the parser broke off at.
  const answering = dueAnswer(socket);
  const isOther = answering !== undefined && (answering.req.complete || answering.headersSent);
  if (error.code === 'ECONNRESET' || !socket.writable || isOther) {
    socket.destroy();
    return;
  }
  refuseConnection(socket, statusOfRejected(error), clock);
}
