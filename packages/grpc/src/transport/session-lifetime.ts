/** How long a session lasts: pings, which find clients that are gone, and the ends of sessions that are idle or old. */
import type { Clock } from '@serving/core/extend';
import type { Http2Connection } from '../http2/http2-connection.js';

/** In milliseconds; infinite for never. */
export interface SessionTimes {
  /** Between pings. */
  readonly keepaliveMs: number;
  /** In which the client must answer one. */
  readonly keepaliveTimeoutMs: number;
  /** Without a call, after which the session ends. */
  readonly idleMs: number;
  /** After which the session ends once its calls are answered. */
  readonly ageMs: number;
  /** In which they must be answered. */
  readonly ageGraceMs: number;
}

/** Sessions that began together end at times this far apart, as a share of their age. */
const AGE_SPREAD = 0.1;

/** As grpc-js names it. */
const MAX_AGE = 'max_age';

/** A client that takes longer to answer a ping has its answers before. */
const MAX_END_MS = 1000;

/** Told when calls begin and end, and when the session is over. */
export class SessionLifetime {
  readonly #connection: Http2Connection;
  readonly #times: SessionTimes;
  readonly #clock: Clock;
  #calls = 0;
  #hasHadCalls = false;
  #isEnding = false;
  #idleSince: number;
  #cancelPing: (() => void) | undefined;
  #cancelIdle: (() => void) | undefined;
  #cancelAge: (() => void) | undefined;
  #cancelEnd: (() => void) | undefined;

  constructor(connection: Http2Connection, times: SessionTimes, clock: Clock) {
    this.#connection = connection;
    this.#times = times;
    this.#clock = clock;
    this.#idleSince = clock.now();
    this.#pingLater();
    this.#checkIdleIn(times.idleMs);
    this.#endWhenOld();
  }

  /** Ends the session once its calls are answered, and those that are on their way to it where it has had some. */
  end(): void {
    if (this.#hasHadCalls) this.#endGently('');
    else this.#connection.close();
  }

  callBegan(): void {
    this.#calls += 1;
    this.#hasHadCalls = true;
  }

  callEnded(): void {
    this.#calls -= 1;
    if (this.#calls > 0 || this.#connection.isOver) return;
    this.#idleSince = this.#clock.now();
    if (this.#cancelIdle === undefined) this.#checkIdleIn(this.#times.idleMs);
  }

  closed(): void {
    this.#cancelPing?.();
    this.#cancelIdle?.();
    this.#cancelAge?.();
    this.#cancelEnd?.();
  }

  /**
   * Tells the client to send no further calls (GOAWAY), but takes those that it has sent before it read so: it answers a ping after
   * them. Then the session closes as soon as its calls are answered.
   */
  #endGently(reason: string): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const close = (): void => this.#connection.close();
    this.#connection.announceClose(reason);
    this.#cancelEnd = this.#clock.setTimer(close, MAX_END_MS);
    this.#connection.ping(close);
  }

  /** One timer for many calls: it looks how long the last one is ago. */
  #checkIdleIn(delayMs: number): void {
    if (delayMs === Number.POSITIVE_INFINITY) return;
    this.#cancelIdle = this.#clock.setTimer(() => {
      this.#cancelIdle = undefined;
      if (this.#calls > 0) return;
      const restMs = this.#idleSince + this.#times.idleMs - this.#clock.now();
      if (restMs <= 0) this.end();
      else this.#checkIdleIn(restMs);
    }, delayMs);
  }

  #pingLater(): void {
    const { keepaliveMs } = this.#times;
    if (keepaliveMs === Number.POSITIVE_INFINITY) return;
    this.#cancelPing = this.#clock.setTimer(() => this.#ping(), keepaliveMs);
  }

  #ping(): void {
    this.#cancelPing = this.#clock.setTimer(() => this.#connection.destroy(), this.#times.keepaliveTimeoutMs);
    this.#connection.ping(() => {
      this.#cancelPing?.();
      this.#pingLater();
    });
  }

  #endWhenOld(): void {
    const { ageMs, ageGraceMs } = this.#times;
    if (ageMs === Number.POSITIVE_INFINITY) return;
    const spreadMs = ageMs * (1 + AGE_SPREAD * (2 * Math.random() - 1));
    this.#cancelAge = this.#clock.setTimer(() => {
      this.#endGently(MAX_AGE);
      if (ageGraceMs === Number.POSITIVE_INFINITY) return;
      this.#cancelAge = this.#clock.setTimer(() => this.#connection.destroy(), ageGraceMs);
    }, spreadMs);
  }
}
