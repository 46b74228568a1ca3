/** One end of the socket pair between the host and a model's process. */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { PosixFunctions } from '../memory/posix-functions.js';
import type { ControlEvents, ControlLink } from './control-link.js';
import { IncomingMessages, OutgoingMessages } from './message-buffer.js';

/** MSG_DONTWAIT and MSG_NOSIGNAL; macOS has no signal to leave out here, and Node ignores it. */
const SEND_FLAGS = process.platform === 'darwin' ? 0x80 : 0x40 | 0x4000;

/** Sends the messages of one turn of the event loop together. A peer that does not keep to the form of messages is cut off. */
export class ControlSocket implements ControlLink {
  readonly outgoing: OutgoingMessages = new OutgoingMessages();
  readonly #posix: PosixFunctions;
  readonly #descriptor: number;
  readonly #socket: Socket;
  #isScheduled = false;

  /** Takes the descriptor over. */
  constructor(posix: PosixFunctions, descriptor: number, events: ControlEvents) {
    this.#posix = posix;
    this.#descriptor = descriptor;
    const incoming = new IncomingMessages((message) => events.onMessage(message));
    const options: SocketConstructorOpts & { readonly onread: OnReadOpts } = {
      fd: descriptor,
      readable: true,
      writable: true,
      onread: {
        buffer: incoming.buffer,
        callback: (length) => {
          if (!incoming.receive(length)) this.destroy();
          events.onDelivered?.();
          return true;
        },
      },
    };
    this.#socket = new Socket(options);
    // What is wrong with it shows in its close.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => events.onClosed());
  }

  /** Keeps the process alive, or no longer. */
  setReferenced(isReferenced: boolean): void {
    if (isReferenced) this.#socket.ref();
    else this.#socket.unref();
  }

  /** Sends what was added, at the end of this turn of the event loop. */
  flushSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flushNow);
  }

  /** Sends what was added, now. A message to an end that is gone is dropped. */
  flush(): void {
    const { outgoing } = this;
    const { length, bytes } = outgoing;
    if (length === 0) return;
    // The descriptor of a destroyed socket may be another file's by now.
    if (!this.#socket.destroyed) {
      // The system call itself: a write through the stream costs several times as much.
      const sent = this.#socket.writableLength > 0 ? 0 : this.#posix.send(this.#descriptor, bytes, length, SEND_FLAGS);
      if (sent < length) this.#socket.write(bytes.slice(Math.max(sent, 0), length));
    }
    outgoing.clear();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #flushNow = (): void => {
    this.#isScheduled = false;
    this.flush();
  };
}
