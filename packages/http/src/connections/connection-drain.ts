/** Lets the connections of one HTTP server go without a lost answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@serving/core/extend';
import { acceptQueued } from '@serving/core/internal';
import { dueAnswer } from './due-answer.js';
import { type HttpServer, isPipelined, openConnections } from './open-connections.js';

/**
 * From {@link begin} on, each answer says "Connection: close", and connections are still accepted. {@link close} stops
 * listening and closes a connection when its answer has been flushed, or at once when no byte came on it since `begin`.
 */
export class ConnectionDrain {
  readonly #server: HttpServer;
  readonly #clock: Clock;
  /** What had been read of a connection when it last became idle. One that was accepted later is not in here. */
  readonly #idleAt = new WeakMap<Socket, number>();
  /** The last answer that is due, by connection. */
  readonly #lastAnswers = new WeakMap<Socket, ServerResponse>();
  readonly #watched = new WeakSet<ServerResponse>();
  #hasBegun = false;
  #isClosing = false;
  #closed: Promise<void> | undefined;

  constructor(server: HttpServer, clock: Clock) {
    this.#server = server;
    this.#clock = clock;
  }

  /** Ignored when called again. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    for (const socket of openConnections(this.#server)) {
      const answer = dueAnswer(socket);
      if (answer === undefined) this.#idleAt.set(socket, socket.bytesRead);
      else this.#isDue(socket, answer, !isPipelined(socket));
    }
    const onRequest = ({ socket }: IncomingMessage, answer: ServerResponse): void => this.#isDue(socket, answer, true);
    for (const event of ['request', 'checkContinue', 'checkExpectation'] as const) {
      // A first listener of the other two would take them away from 'request'.
      if (this.#server.listenerCount(event) > 0) this.#server.prependListener(event, onRequest);
    }
  }

  /**
   * Resolves when the last connection is closed. After `timeoutMs` those still open are cut; the earliest limit of
   * several calls counts.
   */
  close({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.begin();
    this.#closed ??= this.#close();
    if (timeoutMs === undefined) return this.#closed;
    const cancel = this.#clock.setTimer(() => this.#cutAll(), timeoutMs);
    return this.#closed.finally(cancel);
  }

  /** The connection closes after this answer, unless another request follows that was sent before the client knew. */
  #isDue(socket: Socket, answer: ServerResponse, isLast: boolean): void {
    const previous = this.#lastAnswers.get(socket);
    if (previous !== undefined && !previous.headersSent) previous.shouldKeepAlive = true;
    this.#lastAnswers.set(socket, answer);
    this.#watched.add(answer);
    if (isLast && !answer.headersSent) answer.shouldKeepAlive = false;
    answer.once('close', () => {
      // Node gives the connection to the next answer, or closes it, in this same turn.
      setImmediate(() => this.#isAnswered(socket));
    });
  }

  #isAnswered(socket: Socket): void {
    const next = dueAnswer(socket);
    if (next === undefined) this.#idleAt.set(socket, socket.bytesRead);
    // It was pipelined before the drain began.
    else if (!this.#watched.has(next)) this.#isDue(socket, next, false);
    if (this.#isClosing) this.#letGo(socket);
  }

  async #close(): Promise<void> {
    await acceptQueued(this.#server);
    const closed = new Promise<void>((resolve) => {
      // Node's own close would cut answers that are written but not flushed.
      this.#server.closeIdleConnections = () => undefined;
      this.#server.close(() => resolve());
    }).then(() => this.#allClosed());
    this.#isClosing = true;
    for (const socket of openConnections(this.#server)) this.#letGo(socket);
    const cancel = this.#clock.setTimer(() => this.#cutHalfRequests(), HALF_REQUEST_MS);
    await closed;
    cancel();
  }

  /** Node does not wait for those of a burst. */
  async #allClosed(): Promise<void> {
    for (const socket of openConnections(this.#server)) {
      await new Promise<void>((resolve) => {
        socket.once('close', () => resolve());
      });
    }
  }

  #letGo(socket: Socket): void {
    if (dueAnswer(socket) === undefined && this.#idleAt.get(socket) === socket.bytesRead) socket.destroySoon();
  }

  #cutHalfRequests(): void {
    for (const socket of openConnections(this.#server)) {
      const answer = dueAnswer(socket);
      if (answer === undefined || (!answer.req.complete && !answer.headersSent)) socket.destroy();
    }
  }

  #cutAll(): void {
    for (const socket of openConnections(this.#server)) socket.destroy();
    this.#server.closeAllConnections();
  }
}

/** What the rest of a request may take that has begun to come when the server stops listening. */
const HALF_REQUEST_MS = 5000;
