/** One client's connection, and how long it lasts. */
import type { Socket } from 'node:net';
import type { Clock } from '@serving/core/extend';
import { Http2Connection, type Http2Listener } from '../http2/http2-connection.js';
import type { Http2Stream } from '../http2/http2-stream.js';
import type { Http2Limits } from '../http2/open-streams.js';
import type { RequestHeaders } from '../http2/request-headers.js';
import { answerForm } from './answer-headers.js';
import { SessionLifetime, type SessionTimes } from './session-lifetime.js';

export interface SessionLimits extends SessionTimes, Http2Limits {}

/** Told whether a connection has calls. */
export interface SessionWatcher {
  /** The first call has begun, of those that are in flight. */
  busy(): void;
  /** The last one has ended. */
  idle(): void;
}

/** What a session is for. */
export interface SessionUse {
  call(stream: Http2Stream, headers: RequestHeaders): void;
  /** Called once, when all calls have ended and further ones can't come. */
  closed(): void;
  readonly watcher: SessionWatcher | undefined;
}

export class GrpcSession implements Http2Listener {
  readonly socket: Socket;
  readonly #connection: Http2Connection;
  readonly #lifetime: SessionLifetime;
  readonly #use: SessionUse;
  #calls = 0;

  constructor(socket: Socket, limits: SessionLimits, clock: Clock, use: SessionUse) {
    this.socket = socket;
    this.#use = use;
    this.#connection = new Http2Connection(socket, limits, answerForm, this, () => clock.now());
    this.#lifetime = new SessionLifetime(this.#connection, limits, clock);
  }

  /** See {@link SessionLifetime.end}. */
  end(): void {
    this.#lifetime.end();
  }

  /** Closes the connection at once, and cancels its calls. */
  destroy(): void {
    this.#connection.destroy();
  }

  call(stream: Http2Stream, headers: RequestHeaders): void {
    this.#calls += 1;
    if (this.#calls === 1) this.#use.watcher?.busy();
    this.#lifetime.callBegan();
    this.#use.call(stream, headers);
  }

  callEnded(): void {
    this.#calls -= 1;
    if (this.#calls === 0) this.#use.watcher?.idle();
    this.#lifetime.callEnded();
  }

  closed(): void {
    this.#lifetime.closed();
    this.#use.closed();
  }
}
