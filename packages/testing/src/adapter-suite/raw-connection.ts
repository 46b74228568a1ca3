/** A socket on which a test speaks HTTP/1.1 by hand. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export class RawConnection {
  readonly #socket: Socket;
  #text = '';
  #looks = new Set<() => void>();
  /** Resolves when the connection is closed, however that came. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text: string) => {
      this.#text += text;
      for (const look of this.#looks) look();
    });
    // A reset is one way of being closed.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    const connection = new RawConnection(socket);
    await once(socket, 'connect');
    return connection;
  }

  /** All that came so far, a character for each byte. */
  get received(): string {
    return this.#text;
  }

  /** Resolves when the text is on its way; `false` when the connection is closed by then. */
  async write(text: string): Promise<boolean> {
    if (!this.#socket.writable) return false;
    if (!this.#socket.write(text)) await Promise.race([once(this.#socket, 'drain').catch(() => {}), this.closed]);
    return this.#socket.writable;
  }

  /** Resolves with all that came when it fits; rejects when the connection is closed before, or nothing comes for ten seconds. */
  async receive(pattern: RegExp): Promise<string> {
    const guard = setTimeout(() => this.destroy(), 10_000);
    let look = (): void => {};
    const fits = new Promise<boolean>((resolve) => {
      look = () => pattern.test(this.#text) && resolve(true);
      this.#looks.add(look);
      look();
    });
    const found = await Promise.race([fits, this.closed.then(() => pattern.test(this.#text))]);
    this.#looks.delete(look);
    clearTimeout(guard);
    if (!found) throw new Error(`The connection was closed before ${pattern} came: ${JSON.stringify(this.#text)}`);
    return this.#text;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
