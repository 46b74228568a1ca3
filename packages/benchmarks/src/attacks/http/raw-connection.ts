/** A connection on which an attack speaks HTTP/1.1 by hand. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class RawConnection {
  readonly socket: Socket;
  /** Bytes that came. */
  receivedBytes = 0;
  /** The first of them, as text. */
  head = '';
  /** Resolves when the connection is closed, by either side. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      if (this.head.length < HEAD_LENGTH) this.head += chunk.toString('latin1');
      this.receivedBytes += chunk.length;
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** `undefined` when the server doesn't take the connection. */
  static async open(port: number): Promise<RawConnection | undefined> {
    const connection = new RawConnection(connect(port, '127.0.0.1'));
    const isOpen = await Promise.race([once(connection.socket, 'connect').catch(() => false), connection.closed]);
    return isOpen ? connection : undefined;
  }

  /** Resolves with whether the head matches within the time. */
  async receives(pattern: RegExp, withinMs: number): Promise<boolean> {
    const end = performance.now() + withinMs;
    while (!pattern.test(this.head)) {
      if (performance.now() > end || this.socket.destroyed) return pattern.test(this.head);
      await pause(5);
    }
    return true;
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A predict request of JSON. */
export function postOf(model: string, body: string): string {
  return `POST /v1/models/${model}:predict HTTP/1.1\r\nHost: h\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Resolves with how many of the requests, one after the other on connections of their own, are answered with 200. */
export async function answeredRequests(port: number, model: string, count: number): Promise<number> {
  let answered = 0;
  for (let i = 0; i < count; i++) {
    const connection = await RawConnection.open(port);
    connection?.socket.write(postOf(model, '{"instances": [1.0]}').replace('Host: h', 'Host: h\r\nConnection: close'));
    if (await connection?.receives(/^HTTP\/1\.1 200 /, 5000)) answered += 1;
    connection?.socket.destroy();
  }
  return answered;
}

const HEAD_LENGTH = 4096;
