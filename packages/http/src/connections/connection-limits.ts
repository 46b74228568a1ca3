/** Keeps clients that hold connections, and do nothing with them, from starving the others. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@serving/core/extend';
import { htmlPage } from '../html-page.js';
import { dueAnswer } from './due-answer.js';
import { type HttpServer, openConnections } from './open-connections.js';

/** Milliseconds, bytes and connections; `false` means unlimited. */
export interface ConnectionLimitValues {
  readonly requestStallTimeoutMs: number | false;
  readonly responseStallTimeoutMs: number | false;
  readonly maxConnections: number | false;
  readonly maxUnsentBytes: number | false;
}

/** What a connection did last. */
interface Progress {
  read: number;
  unsent: number;
  /** When one of the two last changed. */
  since: number;
}

/**
 * Compares the connections of a server with themselves a moment before, so that requests pay nothing. Begins when it is
 * made and ends with the server.
 */
export class ConnectionLimits {
  readonly #server: HttpServer;
  readonly #limits: ConnectionLimitValues;
  readonly #clock: Clock;
  readonly #progress = new WeakMap<Socket, Progress>();

  constructor(server: HttpServer, limits: ConnectionLimitValues, clock: Clock) {
    this.#server = server;
    this.#limits = limits;
    this.#clock = clock;
    let cancel = (): void => undefined;
    const sweep = (): void => {
      this.#sweep();
      cancel = clock.setTimer(sweep, SWEEP_MS);
    };
    cancel = clock.setTimer(sweep, SWEEP_MS);
    server.once('close', () => cancel());
    server.on('connection', (socket: Socket) => this.#accepted(socket));
  }

  /** A full server closes the connection that has been idle the longest; when all are busy, the new one. */
  #accepted(accepted: Socket): void {
    const { maxConnections } = this.#limits;
    const now = this.#clock.now();
    this.#progress.set(accepted, { read: 0, unsent: 0, since: now });
    const open = openConnections(this.#server);
    // The event comes before or after the connection is in the list.
    const count = open.has(accepted) ? open.size : open.size + 1;
    if (maxConnections === false || count <= maxConnections) return;
    let oldest = accepted;
    let since = Number.POSITIVE_INFINITY;
    for (const socket of open) {
      const idleSince = this.#progress.get(socket)?.since ?? now;
      if (socket === accepted || dueAnswer(socket) !== undefined || idleSince >= since) continue;
      oldest = socket;
      since = idleSince;
    }
    oldest.destroy();
  }

  #sweep(): void {
    const { requestStallTimeoutMs, responseStallTimeoutMs, maxUnsentBytes } = this.#limits;
    const now = this.#clock.now();
    const unread: { readonly socket: Socket; readonly progress: Progress }[] = [];
    let unsentBytes = 0;
    for (const socket of openConnections(this.#server)) {
      const progress = this.#progressOf(socket, now);
      const stalledMs = now - progress.since;
      if (progress.unsent > 0) {
        if (responseStallTimeoutMs !== false && stalledMs >= responseStallTimeoutMs) {
          socket.destroy();
          continue;
        }
        unsentBytes += progress.unsent;
        unread.push({ socket, progress });
      } else if (requestStallTimeoutMs !== false && stalledMs >= requestStallTimeoutMs) {
        const answer = dueAnswer(socket);
        if (answer !== undefined && !answer.req.complete) refuseStalled(answer, socket);
      }
    }
    if (maxUnsentBytes === false || unsentBytes <= maxUnsentBytes) return;
    for (const { socket, progress } of unread.sort((a, b) => a.progress.since - b.progress.since)) {
      if (unsentBytes <= maxUnsentBytes) return;
      socket.destroy();
      unsentBytes -= progress.unsent;
    }
  }

  #progressOf(socket: Socket, now: number): Progress {
    const read = socket.bytesRead;
    const unsent = unsentOf(socket);
    const progress = this.#progress.get(socket);
    if (progress === undefined) {
      const first = { read, unsent, since: now };
      this.#progress.set(socket, first);
      return first;
    }
    if (progress.read !== read || progress.unsent !== unsent) Object.assign(progress, { read, unsent, since: now });
    return progress;
  }
}

const SWEEP_MS = 1000;

/** A `Writable` counts an answer until the last of it has left; the system's handle counts what has left of it. */
function unsentOf(socket: Socket): number {
  if (socket.writableLength === 0) return 0;
  const handle: { readonly writeQueueSize?: number } | null | undefined = Reflect.get(socket, '_handle');
  return Math.max(handle?.writeQueueSize ?? socket.writableLength, 1);
}

/** 408, unless the request is being answered already. */
function refuseStalled(answer: ServerResponse, socket: Socket): void {
  if (answer.headersSent) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = htmlPage(408);
  answer.writeHead(status, headers);
  answer.end(body);
}
