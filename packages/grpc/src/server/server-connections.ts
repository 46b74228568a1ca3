/** The connections of a gRPC server, from when they are accepted until their descriptors are closed. */
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, type Server as TlsServer } from 'node:tls';
import type { Clock } from '@serving/core/extend';
import type { GrpcTransport } from '../transport/grpc-transport.js';
import { ConnectionPlaces } from './connection-places.js';
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
  readonly transport: Pick<GrpcTransport, 'serve'>;
  /** Absent: connections are not protected. */
  readonly tls?: TlsOptions | undefined;
}

const SWEEP_INTERVAL_MS = 1000;

const SILENCE_MS = 1000;

/** Node takes a longer time for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const ignore = (): void => undefined;

/** Hands connections to the transport, and closes those whose client does not begin with HTTP/2, or does not close its side at the end. */
export class ServerConnections {
  readonly #transport: Pick<GrpcTransport, 'serve'>;
  readonly #limits: GrpcConnectionLimits;
  readonly #clock: Clock;
  readonly #tls: TlsServer | undefined;
  /** As accepted. */
  readonly #open = new Set<Socket>();
  /** As handed on: the same, or with TLS around them. */
  readonly #served = new Map<Socket, ServedConnection>();
  readonly #places = new ConnectionPlaces();
  /** Those in the handshake of TLS, by their peers. */
  readonly #handshaking = new Map<string, Socket>();
  #cancelSweep: (() => void) | undefined;
  #onAllServed: (() => void) | undefined;
  #isClosing = false;

  constructor(serving: ConnectionServing, limits: GrpcConnectionLimits, clock: Clock) {
    const { transport, tls } = serving;
    this.#transport = transport;
    this.#limits = limits;
    this.#clock = clock;
    const handshakeTimeout = Math.min(limits.handshakeTimeoutMs, MAX_TIMER_MS);
    this.#tls = tls && createTlsServer({ ...tls, handshakeTimeout }, (socket) => this.#serveSecured(socket));
  }

  /** Takes a connection, whose owner it is from then on. */
  readonly accept = (socket: Socket): void => {
    // Without a listener an error would end the process. The transport ends the connection's calls by itself.
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
   * The sessions of the others are the transport's to close.
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
    this.#served.set(socket, new ServedConnection(socket, this.#clock.now()));
    socket.once('close', () => this.#forget(socket));
    this.#cancelSweep ??= this.#clock.setTimer(this.#sweep, SWEEP_INTERVAL_MS);
    this.#transport.serve(socket, {
      busy: () => this.#places.busy(socket),
      idle: () => {
        if (!socket.destroyed) this.#places.idle(socket, this.#clock.now());
      },
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
