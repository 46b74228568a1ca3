/** A connection on which a test speaks HTTP/1.1 by hand. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export class RawClient implements Disposable {
  readonly socket: Socket;
  /** Resolves with how the connection ended. */
  readonly closed: Promise<'end' | 'reset'>;
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    let ending: 'end' | 'reset' = 'end';
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.#text += text;
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => {
      ending = 'reset';
    });
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(ending)));
  }

  static async open(port: number, { tls = false } = {}): Promise<RawClient> {
    const options = { port, host: '127.0.0.1', allowHalfOpen: true };
    const socket = tls ? connectTls({ ...options, rejectUnauthorized: false }) : connect(options);
    const client = new RawClient(socket);
    await once(socket, tls ? 'secureConnect' : 'connect');
    return client;
  }

  /** All that came, a character for each byte. */
  get received(): string {
    return this.#text;
  }

  /** Resolves when the pattern fits what came; rejects when the connection closed before. */
  async receive(pattern: RegExp): Promise<string> {
    let isClosed = false;
    void this.closed.then(() => {
      isClosed = true;
    });
    while (!pattern.test(this.#text)) {
      if (isClosed) throw new Error(`Closed before ${pattern}: ${JSON.stringify(this.#text.slice(0, 1000))}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.#text;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** A POST of JSON. */
export function post(body: string, target = '/v1/models/half:predict'): string {
  return `POST ${target} HTTP/1.1\r\nHost: h\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Resolves when the condition holds, checked in each turn of the event loop. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
