/** One thread's `node:http` server for the REST API, with the HTTP layer's behaviour of TensorFlow Serving. */
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ServingError } from '@serving/core';
import { type Clock, systemClock, type ThreadSupport } from '@serving/core/extend';
import { acceptHttpBursts } from '../connections/accept-http-bursts.js';
import { ConnectionDrain } from '../connections/connection-drain.js';
import { ConnectionLimits } from '../connections/connection-limits.js';
import { dueAnswer } from '../connections/due-answer.js';
import type { HttpServer } from '../connections/open-connections.js';
import { isRefused, refuseConnection } from '../connections/refuse-connection.js';
import type { HttpHandler } from '../http-handler.js';
import { type ParseFailure, statusOfRejected } from './client-error.js';
import { type NodeHandler, nodeHandlerOf } from './node-handler.js';
import type { RestServerLimits, RestTlsOptions } from './rest-server-options.js';

/** Where it listens: an address, or a socket that is bound. */
export type ListenAddress = { readonly port: number; readonly host: string } | { readonly fd: number };

/** What it is made of. */
export interface HttpListenerOptions {
  readonly api: HttpHandler;
  readonly limits: RestServerLimits;
  readonly tls?: RestTlsOptions | undefined;
  readonly clock?: Clock | undefined;
  /** How connections that come at once are accepted; `undefined` where the system can't be asked. */
  readonly support?: Pick<ThreadSupport, 'acceptConnection'> | undefined;
  /** Whether other threads accept connections of the same socket. Default: false. */
  readonly isShared?: boolean;
}

/** Listens until it is closed. */
export class HttpListener {
  readonly #server: HttpServer;
  readonly #api: HttpHandler;
  readonly #connections: ConnectionDrain;

  private constructor(server: HttpServer, api: HttpHandler, clock: Clock) {
    this.#server = server;
    this.#api = api;
    this.#connections = new ConnectionDrain(server, clock);
  }

  /** @throws ServingError `UNAVAILABLE` when the address can't be listened on */
  static async listen(options: HttpListenerOptions, address: ListenAddress): Promise<HttpListener> {
    const { api, limits, tls, clock = systemClock, support, isShared = false } = options;
    const server = createHttpServer(nodeHandlerOf(api, clock), tls, limits);
    server.on('clientError', (error: NodeJS.ErrnoException & ParseFailure, socket) =>
      answerClientError(error, socket, clock),
    );
    server.on('connect', (_request, socket) => refuseConnection(socket, 501, clock));
    server.listen(address);
    try {
      await once(server, 'listening');
    } catch (cause) {
      const where = 'fd' in address ? 'its socket' : `${address.host}:${address.port}`;
      throw new ServingError('UNAVAILABLE', `REST can't listen on ${where}: ${(cause as Error).message}`, { cause });
    }
    // A connection that can't be accepted (too many open files) is the client's loss, not the server's end.
    server.on('error', () => undefined);
    new ConnectionLimits(server, limits, clock);
    if (support !== undefined) acceptHttpBursts(server, support, isShared);
    return new HttpListener(server, api, clock);
  }

  /** As bound. @throws ServingError `FAILED_PRECONDITION` when it is closed */
  get address(): AddressInfo {
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) return address;
    throw new ServingError('FAILED_PRECONDITION', 'The REST server is closed');
  }

  /** See `RestServer.drain`. */
  drain(): void {
    this.#api.drain();
    this.#connections.begin();
  }

  /** See `RestServer.close`. */
  close(options: { readonly timeoutMs?: number }): Promise<void> {
    this.drain();
    return this.#connections.close(options);
  }
}

/** Shorter than Node's default of 30 s, so that time limits are kept to within 5 s. */
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
