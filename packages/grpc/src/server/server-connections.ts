/** The connections of a gRPC server, from when they are accepted until their descriptors are closed. */
import type { Http2Server, Http2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from 'node:tls';
import type { ConnectionInjector } from '@grpc/grpc-js';
import type { Clock } from '@serving/core/extend';
import { ConnectionPlaces } from './connection-places.js';
import { announceStreamWindow, widenSession } from './flow-control.js';
import { ServedConnection } from './served-connection.js';

export interface GrpcConnectionLimits {
  /**
   * A connection beyond these takes the place of one that has not begun with HTTP/2, has brought no call, or has none in flight. When all
   * have one it is closed.
   */
  readonly maxConnections: number;
  /** Milliseconds within which a client has to begin with HTTP/2, and to finish the handshake of TLS before. */
  readonly handshakeTimeoutMs: number;
}

/** What serves the connections. */
export interface ConnectionServing {
  readonly injector: ConnectionInjector;
  /** That of the injector. Absent: broken sessions last until the keepalive, and no connection gives its place once it has begun. */
  readonly http2Server?: Http2Server | undefined;
  /** Absent: connections are not protected. */
  readonly tls?: TlsOptions | undefined;
}

const SWEEP_INTERVAL_MS = 1000;

const SILENCE_MS = 1000;

/** Node takes a longer time for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const ignore = (): void => undefined;

/**
 * Hands connections to grpc-js, and closes those that it would leave open: of sessions that are broken, and of ended ones whose client
 * does not close its side.
 */
export class ServerConnections {
  readonly #injector: ConnectionInjector;
  readonly #limits: GrpcConnectionLimits;
  readonly #clock: Clock;
  readonly #tls: TlsServer | undefined;
  /** As accepted. */
  readonly #open = new Set<Socket>();
  /** As handed to grpc-js: the same, or with TLS around them. */
  readonly #served = new Map<Socket, ServedConnection>();
  readonly #bySession = new WeakMap<Http2Session, ServedConnection>();
  readonly #places: ConnectionPlaces;
  /** Those in the handshake of TLS, by their peers. */
  readonly #handshaking = new Map<string, Socket>();
  #injected: ServedConnection | undefined;
  #cancelSweep: (() => void) | undefined;
  #onAllServed: (() => void) | undefined;
  #isClosing = false;

  constructor(serving: ConnectionServing, limits: GrpcConnectionLimits, clock: Clock) {
    const { injector, http2Server, tls } = serving;
    this.#injector = injector;
    this.#limits = limits;
    this.#clock = clock;
    const handshakeTimeout = Math.min(limits.handshakeTimeoutMs, MAX_TIMER_MS);
    this.#tls = tls && createTlsServer({ ...tls, handshakeTimeout }, (socket) => this.#serveSecured(socket));
    this.#places = new ConnectionPlaces(http2Server !== undefined);
    if (http2Server !== undefined) announceStreamWindow(http2Server);
    http2Server?.on('session', (session: ServerHttp2Session) => this.#beginSession(session));
    http2Server?.on('stream', (stream: ServerHttp2Stream) => this.#beginCall(stream));
  }

  /** Takes a connection, whose owner it is from then on. */
  readonly accept = (socket: Socket): void => {
    // Without a listener an error would end the process. grpc-js ends the connection's calls by itself.
    socket.on('error', ignore);
    if (this.#open.size >= this.#limits.maxConnections) {
      const displaced = this.#places.take(this.#clock.now());
      if (displaced === undefined) {
        socket.destroy();
        return;
      }
      this.#open.delete(displaced);
      displaced.destroy();
    }
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    if (this.#tls === undefined) {
      this.#places.accepted(socket, this.#clock.now());
      this.#serve(socket);
    } else {
      this.#handshake(socket, this.#tls);
    }
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

  #handshake(socket: Socket, tls: TlsServer): void {
    const peer = peerOf(socket);
    if (peer !== undefined) {
      this.#places.accepted(socket, this.#clock.now());
      this.#handshaking.set(peer, socket);
      socket.once('close', () => {
        this.#places.delete(socket);
        this.#handshaking.delete(peer);
      });
    }
    tls.emit('connection', socket);
  }

  #serveSecured(socket: Socket): void {
    const accepted = this.#handshaking.get(peerOf(socket) ?? '');
    if (accepted !== undefined) this.#places.delete(accepted);
    if (this.#isClosing) {
      socket.destroy();
      return;
    }
    this.#places.secured(socket, this.#clock.now());
    this.#serve(socket);
  }

  #serve(socket: Socket): void {
    socket.on('error', ignore);
    const connection = new ServedConnection(socket, this.#clock.now());
    this.#served.set(socket, connection);
    socket.once('close', () => this.#forget(socket));
    this.#cancelSweep ??= this.#clock.setTimer(this.#sweep, SWEEP_INTERVAL_MS);
    this.#injected = connection;
    this.#injector.injectConnection(socket);
    this.#injected = undefined;
  }

  /** Called while the connection is injected. */
  #beginSession(session: ServerHttp2Session): void {
    widenSession(session);
    if (this.#injected === undefined) return;
    this.#injected.begin(session);
    this.#bySession.set(session, this.#injected);
  }

  #beginCall(stream: ServerHttp2Stream): void {
    const connection = stream.session && this.#bySession.get(stream.session);
    if (connection === undefined) return;
    connection.calls += 1;
    if (connection.calls === 1) this.#places.busy(connection.socket);
    stream.once('close', () => {
      connection.calls -= 1;
      if (connection.calls === 0 && !connection.socket.destroyed)
        this.#places.idle(connection.socket, this.#clock.now());
    });
  }

  #forget(socket: Socket): void {
    this.#places.delete(socket);
    this.#served.delete(socket);
    if (this.#served.size > 0) return;
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    this.#onAllServed?.();
  }

  /** One timer for all connections: they come and go too often to have one each. */
  readonly #sweep = (): void => {
    const now = this.#clock.now();
    for (const connection of this.#served.values()) {
      if (connection.isOver(now, this.#limits.handshakeTimeoutMs)) connection.socket.destroy();
    }
    this.#cancelSweep = this.#clock.setTimer(this.#sweep, SWEEP_INTERVAL_MS);
  };
}

/** Tells TCP connections apart, which TLS wraps in sockets of its own. */
function peerOf(socket: Socket): string | undefined {
  return socket.remotePort === undefined ? undefined : `${socket.remoteAddress} ${socket.remotePort}`;
}
