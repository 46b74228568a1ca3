/** The addresses that a gRPC server listens on. */
import { lookup } from 'node:dns/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { ServingError } from '@serving/core';
import type { ThreadSupport } from '@serving/core/extend';
import { acceptBursts, acceptQueued } from '@serving/core/internal';
import { listening } from './listening.js';
import { listenOnUnixSocket } from './unix-socket.js';

/** Accepts connections on every address that it was told to listen on, until it is closed. */
export class ServerListeners {
  readonly #createServer: () => Server;
  readonly #servers: Server[] = [];
  readonly #releases: (() => Promise<void>)[] = [];

  /**
   * @param accept Called with each connection.
   * @param pauseOnConnect Whether connections come without being read from.
   * @param support How connections that come at once are accepted, where they are read from here.
   */
  constructor(
    accept: (socket: Socket) => void,
    pauseOnConnect: boolean,
    support?: Pick<ThreadSupport, 'acceptConnection'>,
  ) {
    this.#createServer = () => {
      const server = createServer({ pauseOnConnect }, accept);
      if (support !== undefined && !pauseOnConnect) acceptBursts(server, support);
      return server;
    };
  }

  /**
   * Listens on all addresses of a host, or on those of them that can be bound.
   *
   * @returns The port that was bound, the same on each.
   * @throws ServingError `UNAVAILABLE` when none can be bound.
   */
  async listenOnTcp(host: string, port: number): Promise<number> {
    const shown = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const addresses = await lookup(host, { all: true }).catch((cause) => {
      throw new ServingError('UNAVAILABLE', `gRPC can't listen on ${shown}: ${cause.message}`, { cause });
    });
    let bound = port;
    let failure: unknown;
    const before = this.#servers.length;
    for (const { address } of addresses) {
      const server = this.#createServer();
      try {
        await listening(server, { host: address, port: bound }, shown);
        bound = (server.address() as AddressInfo).port;
        this.#servers.push(server);
      } catch (error) {
        failure ??= error;
      }
    }
    if (this.#servers.length === before) throw failure;
    return bound;
  }

  /**
   * Listens on a descriptor of the process that is bound already.
   *
   * @returns Its port; `undefined` for a unix socket.
   * @throws ServingError `UNAVAILABLE` for a descriptor that can't be listened on.
   */
  async listenOnDescriptor(fd: number): Promise<number | undefined> {
    const server = this.#createServer();
    await listening(server, { fd }, `the descriptor ${fd}`);
    this.#servers.push(server);
    const address = server.address();
    return typeof address === 'object' ? address?.port : undefined;
  }

  /** @throws ServingError as {@link listenOnUnixSocket}. */
  async listenOnUnix(path: string): Promise<void> {
    const server = this.#createServer();
    this.#releases.push(await listenOnUnixSocket(server, path));
    this.#servers.push(server);
  }

  /** Accepts what the kernel has queued, then no more. */
  async close(): Promise<void> {
    await Promise.all(this.#releases.map((release) => release()));
    await Promise.all(
      this.#servers.map(async (server) => {
        await acceptQueued(server);
        server.close();
      }),
    );
  }
}
