/** Which connection gives its place to a new one when a server has as many as it may. */
import type { Socket } from 'node:net';
import { PREFACE } from '../http2/frame-reader.js';

/** Milliseconds that a connection is safe in, from its start until its first call and after its last one. */
const FIRST_CALL_MS = 1000;
const NEXT_CALL_MS = 10_000;

/** Each map is in order of the times in it. A connection with calls in flight is in none, and keeps its place. */
export class ConnectionPlaces {
  /** Accepted; have not been seen to send anything yet. */
  readonly #silent = new Map<Socket, number>();
  readonly #withoutCall = new Map<Socket, number>();
  readonly #idle = new Map<Socket, number>();

  accepted(socket: Socket, now: number): void {
    this.#silent.set(socket, now);
  }

  /** Called with the socket that TLS put around an accepted one. */
  secured(socket: Socket, now: number): void {
    this.#withoutCall.set(socket, now);
  }

  /** Called when a first call begins. */
  busy(socket: Socket): void {
    this.delete(socket);
  }

  /** Called when the last call has ended. */
  idle(socket: Socket, now: number): void {
    this.#idle.set(socket, now);
  }

  delete(socket: Socket): void {
    this.#silent.delete(socket);
    this.#withoutCall.delete(socket);
    this.#idle.delete(socket);
  }

  /** Removes and returns the oldest that has sent no preface, else that has brought no call, else that has been idle for longest. */
  take(now: number): Socket | undefined {
    const found =
      this.#oldestSilent() ?? oldest(this.#withoutCall, now - FIRST_CALL_MS) ?? oldest(this.#idle, now - NEXT_CALL_MS);
    if (found !== undefined) this.delete(found);
    return found;
  }

  #oldestSilent(): Socket | undefined {
    for (const [socket, since] of this.#silent) {
      if (socket.bytesRead < PREFACE.length) return socket;
      this.#silent.delete(socket);
      this.#withoutCall.set(socket, since);
    }
    return undefined;
  }
}

function oldest(sockets: ReadonlyMap<Socket, number>, latest: number): Socket | undefined {
  const [entry] = sockets;
  return entry !== undefined && entry[1] <= latest ? entry[0] : undefined;
}
