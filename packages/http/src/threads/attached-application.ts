/** What a module of an application finds in the serving thread that it runs in. */

import { once } from 'node:events';
import type { Server as NetServer } from 'node:net';
import { type ModelServer, ServingError } from '@serving/core';

/** One per thread, while the module runs. */
export interface AttachedApplication {
  readonly server: ModelServer;
  /** The bound socket, this thread's own. */
  readonly descriptor: number;
  readonly listeners: NetServer[];
}

/** Recognised across two copies of the package. */
const APPLICATION = Symbol.for('@serving/http/attached-application');

/** Has the functions below find it in this thread. */
export function setAttachedApplication(application: AttachedApplication): void {
  Reflect.set(globalThis, APPLICATION, application);
}

function attached(caller: string): AttachedApplication {
  const application = Reflect.get(globalThis, APPLICATION) as AttachedApplication | undefined;
  if (application !== undefined) return application;
  throw ServingError.failedPrecondition(
    `${caller} was called outside of a serving thread: start the module with serveInThreads(new URL('./app.js', import.meta.url), …)`,
  );
}

/**
 * Returns the model server of `serveInThreads` in a module that it has started: its requests run in this thread, with the models that the
 * main thread has loaded. Reloads, loads and unloads are made in the main thread; `close` and `drain` are the main thread's and do nothing here.
 *
 * @throws ServingError `FAILED_PRECONDITION` outside of a serving thread
 */
export function attachModelServer(): ModelServer {
  return attached('attachModelServer()').server;
}

/**
 * Listens on the port of `serveInThreads`, which all of its threads share. The listener is drained and closed with it. Resolves when it
 * listens.
 *
 * @example
 * ```ts
 * const app = express().use(servingRouter(attachModelServer()));
 * await attachListener(http.createServer(app));
 * ```
 *
 * @throws ServingError `FAILED_PRECONDITION` outside of a serving thread, and for a second listener
 */
export async function attachListener(listener: NetServer): Promise<void> {
  const application = attached('attachListener()');
  if (application.listeners.length > 0) {
    throw ServingError.failedPrecondition('attachListener(): this thread listens already; a module has one port');
  }
  application.listeners.push(listener);
  listener.listen({ fd: application.descriptor });
  await once(listener, 'listening');
}
