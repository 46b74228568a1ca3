/** Connections on their way from the thread that accepts them to the threads that serve them. */
import type { Socket } from 'node:net';
import type { ServicePart } from '@serving/core/internal';

/** The call `adopt` of a part. It answers once the connection is the part's too, or can't become it. */
export interface AdoptMessage {
  readonly connection: number;
  /** Of this process; the part serves a duplicate. */
  readonly descriptor: number;
}

/**
 * Gives each connection to the part that has the fewest. Those of gRPC are few and live long, and threads that accept for themselves
 * would share them by chance. A connection whose thread ends before it has it goes to another; while there is none it waits.
 */
export class ConnectionHandover {
  /** With how many connections each has. In turn among those with as many. */
  readonly #parts = new Map<ServicePart, number>();
  readonly #owners = new Map<number, ServicePart>();
  /** Accepted, and not a part's yet. */
  readonly #pending = new Set<Socket>();
  /** Those of them that wait for a first part. */
  #waiting: Socket[] = [];
  readonly #maxPending: number;
  #accepted = 0;
  #isClosing = false;
  #onSettled: (() => void) | undefined;

  /** @param maxPending connections that wait at most; further ones are closed */
  constructor(maxPending: number) {
    this.#maxPending = maxPending;
  }

  /** Takes a connection from which nothing was read. */
  readonly accept = (socket: Socket): void => {
    socket.on('error', ignore);
    if (this.#pending.size >= this.#maxPending) {
      socket.destroy();
      return;
    }
    this.#pending.add(socket);
    this.#give(socket);
  };

  /** Connections may go there until it ends. */
  addPart(part: ServicePart): void {
    this.#parts.set(part, 0);
    void part.ended.then(() => this.#removePart(part));
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const socket of waiting) this.#give(socket);
  }

  /** A part has closed a connection. */
  closed(connection: number): void {
    const part = this.#owners.get(connection);
    if (part === undefined) return;
    this.#owners.delete(connection);
    this.#count(part, -1);
  }

  /** Resolves when no connection is on its way. Those that wait for a first part are closed, as none comes any more. */
  async settle(): Promise<void> {
    this.#isClosing = true;
    for (const socket of this.#waiting) this.#settled(socket);
    if (this.#pending.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onSettled = resolve;
    });
  }

  /** Closes what is on its way. */
  destroy(): void {
    for (const socket of this.#pending) this.#settled(socket);
  }

  #give(socket: Socket): void {
    const part = this.#next();
    if (part === undefined) {
      if (this.#isClosing) this.#settled(socket);
      else this.#waiting.push(socket);
      return;
    }
    const { fd: descriptor } =
      (socket as unknown as { readonly _handle: { readonly fd: number } | null })._handle ?? {};
    if (descriptor === undefined) {
      this.#settled(socket);
      return;
    }
    const connection = ++this.#accepted;
    this.#owners.set(connection, part);
    this.#count(part, 1);
    part.call('adopt', { connection, descriptor } satisfies AdoptMessage).then(
      () => this.#settled(socket),
      () => {
        // The part is gone, or closed.
        this.#removePart(part);
        this.#give(socket);
      },
    );
  }

  /** The part, if it has one, has a descriptor of its own. */
  #settled(socket: Socket): void {
    this.#pending.delete(socket);
    socket.destroy();
    if (this.#pending.size === 0) this.#onSettled?.();
  }

  #next(): ServicePart | undefined {
    let found: ServicePart | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    for (const [part, connections] of this.#parts) {
      if (connections < fewest) [found, fewest] = [part, connections];
    }
    return found;
  }

  /** The part goes to the end of the order. */
  #count(part: ServicePart, change: number): void {
    const connections = this.#parts.get(part);
    if (connections === undefined) return;
    if (change > 0) this.#parts.delete(part);
    this.#parts.set(part, connections + change);
  }

  #removePart(part: ServicePart): void {
    if (!this.#parts.delete(part)) return;
    for (const [connection, owner] of this.#owners) if (owner === part) this.#owners.delete(connection);
  }
}

function ignore(): void {}
