/** A `node:http` server that serves the REST API alone, with the HTTP layer's behaviour of TensorFlow Serving. */
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Clock, ServingError, systemClock } from '@serving/core';
import { rawHtmlPage } from './html-page.js';
import type { HttpRestApiOptions } from './http-rest-api-options.js';
import { createNodeHandler, type NodeHandler } from './node-handler.js';
import { type ParseFailure, statusOfRejected } from './rejected-request.js';
import type { RestModelServer } from './rest-model-server.js';

/** Where to listen, and the options of the REST API. */
export interface RestServerOptions extends HttpRestApiOptions {
  /** 0 lets the system choose. */
  readonly port: number;
  /** Address to listen on. Default `127.0.0.1`: only this machine. `::` is every interface. */
  readonly host?: string;
  /** PEM texts for HTTPS. Default: plain HTTP. */
  readonly tls?: RestTlsOptions;
}

/** What `node:https` is told. */
export interface RestTlsOptions {
  readonly key: string;
  readonly cert: string;
  /** The authorities for clients' certificates. Default: those that Node trusts. */
  readonly ca?: string;
  /** Whether clients must have a certificate. Default false. */
  readonly requireClientCert?: boolean;
}

/**
 * Listens until it is closed. The model server stays the caller's, who closes it afterwards.
 *
 * @example
 * ```ts
 * await using rest = await RestServer.listen(server, { port: 8501 });
 * ```
 */
export class RestServer implements AsyncDisposable {
  readonly #server: Server | TlsServer;
  readonly #clock: Clock;
  #closed: Promise<void> | undefined;

  private constructor(server: Server | TlsServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /**
   * @throws ServingError `UNAVAILABLE` when the address can't be listened on, `INVALID_ARGUMENT` for TLS texts that are none.
   */
  static async listen(modelServer: RestModelServer, options: RestServerOptions): Promise<RestServer> {
    const { port, host = '127.0.0.1', clock = systemClock } = options;
    const server = createHttpServer(createNodeHandler(modelServer, options), options.tls);
    server.on('clientError', answerClientError);
    server.on('connect', (_request, socket) => socket.end(rawHtmlPage(501)));
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
    return new RestServer(server, clock);
  }

  /** The address as bound. */
  get host(): string {
    return this.#address.address;
  }

  /** The port as bound. */
  get port(): number {
    return this.#address.port;
  }

  /** Takes no more connections, answers the requests that are under way, then closes. May be called again. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      // A connection that was busy becomes idle later, and would be kept alive for seconds.
      const closeIdle = (): void => {
        this.#server.closeIdleConnections();
        cancel = this.#clock.setTimer(closeIdle, IDLE_CHECK_MS);
      };
      let cancel = this.#clock.setTimer(closeIdle, IDLE_CHECK_MS);
      this.#server.close(() => {
        cancel();
        resolve();
      });
    });
    return this.#closed;
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

const IDLE_CHECK_MS = 20;

function createHttpServer(handler: NodeHandler, tls: RestTlsOptions | undefined): Server | TlsServer {
  if (!tls) return createServer({ requireHostHeader: false }, handler);
  const { requireClientCert = false, ...texts } = tls;
  if (texts.key === '' || texts.cert === '') {
    throw new ServingError('INVALID_ARGUMENT', 'TLS for REST: expected a key and a certificate, as PEM texts');
  }
  const client = { requestCert: requireClientCert, rejectUnauthorized: requireClientCert };
  try {
    return createTlsServer({ requireHostHeader: false, ...texts, ...client }, handler);
  } catch (cause) {
    throw new ServingError('INVALID_ARGUMENT', `TLS for REST: ${(cause as Error).message}`, { cause });
  }
}

/** What the parser turns away gets the page that the reference answers, unless another request's answer is still due. */
function answerClientError(error: NodeJS.ErrnoException & ParseFailure, socket: Duplex): void {
  // Node's own default looks at the same field; a page written now would be taken for that request's answer. That is as it
  // should be while the request's own body is what the parser broke off at.
  const answering: ServerResponse | null | undefined = Reflect.get(socket, '_httpMessage');
  const isOther = answering != null && (answering.req.complete || answering.headersSent);
  if (error.code === 'ECONNRESET' || !socket.writable || isOther) {
    socket.destroy();
    return;
  }
  socket.end(rawHtmlPage(statusOfRejected(error)));
}
