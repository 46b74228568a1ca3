/** One connection that the transport serves, and when its descriptor has to be closed. */
import type { Socket } from 'node:net';
import { PREFACE } from '../http2/frame-reader.js';

/** Milliseconds in which a client may read the rest of an ended connection and close its side. */
const ENDED_MS = 5000;

export class ServedConnection {
  readonly socket: Socket;
  /** When it was handed to the transport. */
  readonly since: number;
  #endedAt: number | undefined;

  constructor(socket: Socket, since: number) {
    this.socket = socket;
    this.since = since;
  }

  /** Called in intervals. Returns whether to close the connection now. */
  isOver(now: number, handshakeTimeoutMs: number): boolean {
    const { socket } = this;
    if (socket.writableEnded) {
      this.#endedAt ??= now;
      return now - this.#endedAt >= ENDED_MS;
    }
    return socket.bytesRead < PREFACE.length && now - this.since >= handshakeTimeoutMs;
  }
}
