/** The connections of a gRPC server, from when they are accepted until their descriptors are closed. */
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from 'node:tls';
import type { ConnectionInjector } from '@grpc/grpc-js';
import type { Clock } from '@serving/core/extend';

export interface GrpcConnectionLimits {
  /** A connection beyond these takes the place of one that has not begun with HTTP/2; when all have it is closed. */
  readonly maxConnections: number;
  /** Milliseconds within which a client has to begin with HTTP/2, and to finish the handshake of TLS before. */
  readonly handshakeTimeoutMs: number;
}

/** Length of "PRI * HTTP/2.0…", with which every client begins. */
const PREFACE_BYTES = 24;

/** Milliseconds between two sweeps, the second of which closes a connection whose session has ended. */
const SWEEP_INTERVAL_MS = 5000;

const SILENCE_MS = 1000;

/** Node takes a longer time for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Served {
  readonly since: number;
  hasEnded: boolean;
}

const ignore = (): void => undefined;

/**
 * Hands connections to grpc-js. Node closes the socket of a session that has ended only when the client has read what was sent and has
 * closed its side too; here a client that does neither has a few seconds.
 */
export class ServerConnections {
  readonly #injector: ConnectionInjector;
  readonly #limits: GrpcConnectionLimits;
  readonly #clock: Clock;
  readonly #tls: TlsServer | undefined;
  /** As accepted. */
  readonly #open = new Set<Socket>();
  /** As handed to grpc-js: the same, or with TLS around them. */
  readonly #served = new Map<Socket, Served>();
  #cancelSweep: (() => void) | undefined;
  #onAllServed: (() => void) | undefined;
  #isClosing = false;

  /** @param tls Absent: connections are not protected. */
  constructor(injector: ConnectionInjector, limits: GrpcConnectionLimits, clock: Clock, tls?: TlsOptions) {
    this.#injector = injector;
    this.#limits = limits;
    this.#clock = clock;
    const handshakeTimeout = Math.min(limits.handshakeTimeoutMs, MAX_TIMER_MS);
    this.#tls = tls && createTlsServer({ ...tls, handshakeTimeout }, (socket) => this.#serve(socket));
  }

  /** Takes a connection, whose owner it is from then on. */
  readonly accept = (socket: Socket): void => {
    // Without a listener an error would end the process. grpc-js ends the connection's calls by itself.
    socket.on('error', ignore);
    if (this.#open.size >= this.#limits.maxConnections && !this.#closeOneThatHasNotBegun()) {
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    if (this.#tls === undefined) this.#serve(socket);
    else this.#tls.emit('connection', socket);
  };

  /** Connections whose descriptors are open. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Closes the connections on which no byte has come for a second. Waits for younger ones: those that were just accepted may bring a call.
   * The sessions of the others are grpc-js's to close.
   */
  async closeSilent(): Promise<void> {
    this.#isClosing = true;
    while (this.#closeSilentSince(this.#clock.now() - SILENCE_MS)) {
      await new Promise<void>((resolve) => {
        this.#clock.setTimer(resolve, SILENCE_MS / 20);
      });
    }
  }

  /** Returns whether younger ones are left. */
  #closeSilentSince(latestStart: number): boolean {
    let areLeft = false;
    for (const [socket, { since }] of this.#served) {
      if (socket.bytesRead > 0) continue;
      if (since <= latestStart) socket.destroy();
      else if (!socket.destroyed) areLeft = true;
    }
    return areLeft;
  }

  /** Resolves when the last session's connection is closed, and closes what is still in the handshake of TLS then. */
  async whenClosed(): Promise<void> {
    if (this.#served.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onAllServed = resolve;
      });
    }
    this.destroy();
  }

  /** Closes every connection at once. */
  destroy(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #serve(socket: Socket): void {
    if (this.#isClosing && this.#tls !== undefined) {
      socket.destroy();
      return;
    }
    socket.on('error', ignore);
    this.#served.set(socket, { since: this.#clock.now(), hasEnded: false });
    socket.once('close', () => this.#forget(socket));
    this.#cancelSweep ??= this.#clock.setTimer(this.#sweep, SWEEP_INTERVAL_MS);
    this.#injector.injectConnection(socket);
  }

  /** The one that was accepted first. */
  #closeOneThatHasNotBegun(): boolean {
    for (const socket of this.#open) {
      if (socket.bytesRead >= PREFACE_BYTES) continue;
      socket.destroy();
      return this.#open.delete(socket);
    }
    return false;
  }

  #forget(socket: Socket): void {
    this.#served.delete(socket);
    if (this.#served.size > 0) return;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#onAllServed?.();
  }

  /** One timer for all connections: they come and go too often to have one each. */
  readonly #sweep = (): void => {
    const latestStart = this.#clock.now() - this.#limits.handshakeTimeoutMs;
    for (const [socket, served] of this.#served) {
      if (served.hasEnded) socket.destroy();
      else if (socket.bytesRead < PREFACE_BYTES && served.since <= latestStart) socket.destroy();
      else served.hasEnded = socket.writableEnded;
    }
    this.#cancelSweep = this.#clock.setTimer(this.#sweep, SWEEP_INTERVAL_MS);
  };
}
