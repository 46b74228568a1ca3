/** One connection that grpc-js serves, and when its descriptor has to be closed. */
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** Length of "PRI * HTTP/2.0…", with which every client begins. */
export const PREFACE_BYTES = 24;

/** Milliseconds in which a client may read the rest of an ended session and close its side. */
const ENDED_MS = 5000;

/**
 * Node reads no further once a client has broken HTTP/2's framing or header compression, but neither closes the session nor says so. A
 * ping tells: on a broken session it is never written, although the socket has nothing else to write.
 */
export class ServedConnection {
  readonly socket: Socket;
  /** When it was handed to grpc-js. */
  readonly since: number;
  /** Calls in flight. */
  calls = 0;
  #session: ServerHttp2Session | undefined;
  #endedAt: number | undefined;
  #bytesRead = 0;
  #confirmedBytes = 0;
  #awaitsPing = false;

  constructor(socket: Socket, since: number) {
    this.socket = socket;
    this.since = since;
  }

  /** Takes the session that was created for the socket. */
  begin(session: ServerHttp2Session): void {
    this.#session = session;
    // Nothing but the GOAWAY, which is written already, is left to send.
    session.once('error', () => this.socket.destroySoon());
  }

  /** Called in intervals. Returns whether to close the connection now. */
  isOver(now: number, handshakeTimeoutMs: number): boolean {
    const { socket } = this;
    const session = this.#session;
    if (socket.writableEnded || session?.destroyed) {
      this.#endedAt ??= now;
      return now - this.#endedAt >= ENDED_MS;
    }
    if (socket.bytesRead < PREFACE_BYTES) return now - this.since >= handshakeTimeoutMs;
    if (session === undefined) return false;
    return this.#awaitsPing ? isStuck(session, socket) : this.#pingOnceQuiet(session);
  }

  /** A session that reads calls works. One ping for each quiet period. */
  #pingOnceQuiet(session: ServerHttp2Session): false {
    const { bytesRead } = this.socket;
    if (bytesRead !== this.#bytesRead) this.#bytesRead = bytesRead;
    else if (bytesRead !== this.#confirmedBytes) {
      this.#awaitsPing = session.ping((error) => {
        if (error) return;
        this.#awaitsPing = false;
        this.#bytesRead = this.#confirmedBytes = this.socket.bytesRead;
      });
    }
    return false;
  }
}

/** Whether there is something to send while the socket is free to send it. */
function isStuck(session: ServerHttp2Session, socket: Socket): boolean {
  // As Node's own timeouts read it.
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null };
  return handle?.writeQueueSize === 0 && (session.state.outboundQueueSize ?? 0) > 0;
}
