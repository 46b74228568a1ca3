/** Runs a module of an application in several serving threads. */
import type { ModelServer } from '@serving/core';
import {
  builtModuleUrl,
  checkModelServer,
  checkOptionNames,
  type OptionNames,
  servingThreadsOf,
} from '@serving/core/internal';
import type { DrainableListener } from '../node/drain.js';

/** Where the module serves. */
export interface ServeInThreadsOptions {
  /** Whose models it serves; it stays the caller's, who closes it after the threads. */
  readonly server: ModelServer;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Address to listen on. Default `127.0.0.1`: only this machine. */
  readonly host?: string;
  /** How many threads run the module; `auto` is one per processor. Default: `auto`. */
  readonly threads?: number | 'auto';
}

const optionNames: OptionNames<ServeInThreadsOptions> = { server: true, port: true, host: true, threads: true };

/** A module that serves. `drain` and `close` take it as a listener. */
export interface ThreadedApplication extends DrainableListener, AsyncDisposable {
  readonly threads: number;
  /** As bound. */
  readonly host: string;
  /** As bound. */
  readonly port: number;
  drain(): void;
}

/**
 * Starts a module in each of several threads, which share one port and the loaded models of a model server. The module calls
 * `attachModelServer()` for the models, and `await attachListener(…)` with its HTTP server at its top level. A thread that an exception
 * ends is replaced; only its requests fail.
 *
 * @example
 * ```ts
 * const app = await serveInThreads(new URL('./app.js', import.meta.url), { server, port: 8080, threads: 4 });
 * process.once('SIGTERM', () => drain(app, server));
 * ```
 *
 * @throws ServingError as `RestServer.listen` with several threads, and what the module throws
 */
export async function serveInThreads(
  module: string | URL,
  options: ServeInThreadsOptions,
): Promise<ThreadedApplication> {
  checkOptionNames(options, Object.keys(optionNames), 'serveInThreads()');
  const { server, port, host = '127.0.0.1', threads: asked = 'auto' } = options;
  checkModelServer(server, 'serveInThreads()');
  const pool = servingThreadsOf(server);
  const threads = pool.countOf(asked, 'serveInThreads()');
  const socket = await pool.bind({ title: 'serveInThreads()', host, port });
  const service = await pool.start({
    threads,
    title: String(module),
    module: builtModuleUrl('./application-thread.js', import.meta.url),
    data: { module: String(module) },
    descriptor: socket.descriptor,
  });
  const close = (limit: { readonly timeoutMs?: number } = {}): Promise<void> => {
    service.drain();
    return service.close(limit);
  };
  return {
    threads,
    host: socket.host,
    port: socket.port,
    drain: () => service.drain(),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
