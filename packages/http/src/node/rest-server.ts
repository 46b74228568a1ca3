/** A server of its own for the REST API, in this thread or in several. */
import { systemClock } from '@serving/core/extend';
import {
  checkBindable,
  checkModelServer,
  checkOptionNames,
  servingThreadsOf,
  threadSupportOf,
} from '@serving/core/internal';
import { HttpHandler } from '../http-handler.js';
import type { RestModelServer } from '../rest/rest-model-server.js';
import { listenInThreads } from '../threads/rest-threads.js';
import { HttpListener } from './http-listener.js';
import type { RestListener } from './rest-listener.js';
import { checkRestServerOptions, type RestServerOptions, restServerLimits } from './rest-server-options.js';

/**
 * Listens until it is closed. The model server stays the caller's, who closes it afterwards.
 *
 * @example
 * ```ts
 * await using rest = await RestServer.listen(server, { port: 8501 });
 * ```
 */
export class RestServer implements AsyncDisposable {
  /** How many threads serve. */
  readonly threads: number;
  readonly #listener: RestListener;

  private constructor(listener: RestListener, threads: number) {
    this.#listener = listener;
    this.threads = threads;
  }

  /**
   * @throws ServingError `UNAVAILABLE` when the address can't be listened on, `INVALID_ARGUMENT` for TLS texts that are none and
   * for limits that are not positive numbers; for several threads also `FAILED_PRECONDITION` when a platform's models run in one thread
   * only, and `UNIMPLEMENTED` on Windows and for engines without threads.
   */
  static async listen(modelServer: RestModelServer, options: RestServerOptions): Promise<RestServer> {
    checkModelServer(modelServer, 'The REST API');
    checkRestServerOptions(options);
    const { threads: asked = 1 } = options;
    const threads = asked === 1 ? 1 : servingThreadsOf(modelServer).countOf(asked, 'The REST API');
    if (threads > 1) return new RestServer(await listenInThreads(modelServer, options, threads), threads);
    const { port, host = DEFAULT_HOST, tls, clock = systemClock } = options;
    const api = new HttpHandler(modelServer, options);
    const limits = await restServerLimits(options);
    const support = await threadSupportOf(modelServer);
    return new RestServer(await HttpListener.listen({ api, limits, tls, clock, support }, { port, host }), 1);
  }

  /**
   * Checks what {@link RestServer.listen} checks, before there is a model server, and whether it could listen.
   *
   * @throws ServingError as it.
   */
  static async check(options: RestServerOptions): Promise<void> {
    checkRestServerOptions(options);
    await checkBindable('REST', options.host ?? DEFAULT_HOST, options.port);
  }

  /** The address as bound. */
  get host(): string {
    return this.#listener.address.address;
  }

  /** The port as bound. */
  get port(): number {
    return this.#listener.address.port;
  }

  /**
   * Announces the close: its health endpoints report "not ready", and each answer says "Connection: close". Connections and
   * requests are still taken. The `drain` function calls it, and `close` when the drain delay is over.
   */
  drain(): void {
    this.#listener.drain();
  }

  /**
   * Takes no more connections, answers the requests in flight, and closes each connection when its answer is flushed; one on
   * which no byte came since {@link drain} closes at once. Half requests have 5 seconds to arrive. After `timeoutMs` all that is
   * open is cut; default: no limit. May be called again: the shortest time counts.
   */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    checkOptionNames(options, ['timeoutMs'], 'RestServer.close()');
    return this.#listener.close(options);
  }

  /** {@link RestServer.close} without a limit, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const DEFAULT_HOST = '127.0.0.1';
