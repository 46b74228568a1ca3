/** One end of the port between the thread that started a model's process and another thread that runs the model. */
import type { MessagePort } from 'node:worker_threads';
import type { ControlEvents, ControlLink } from './control-link.js';
import { OutgoingMessages, parseMessages } from './message-buffer.js';

/** Messages that were sent together. */
interface PostedMessages {
  readonly buffer: ArrayBuffer;
  readonly length: number;
}

/** What a message's words can hold. */
const MAX_MESSAGE_BYTES = 2 ** 32;

/** Sends the messages of one turn of the event loop together. The memory of messages is the receiver's for good. */
export class ControlPort implements ControlLink {
  readonly outgoing: OutgoingMessages = new OutgoingMessages();
  readonly #port: MessagePort;
  #isScheduled = false;

  /** Takes the port over, and does not keep the process alive. */
  constructor(port: MessagePort, events: ControlEvents) {
    this.#port = port;
    port.on('message', ({ buffer, length }: PostedMessages) => {
      parseMessages(new Uint8Array(buffer), length, MAX_MESSAGE_BYTES, (message) => events.onMessage(message));
      events.onDelivered?.();
    });
    port.on('close', () => events.onClosed());
    port.unref();
  }

  flushSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flushNow);
  }

  flush(): void {
    const { length } = this.outgoing;
    if (length === 0) return;
    const buffer = this.outgoing.take();
    this.#port.postMessage({ buffer, length } satisfies PostedMessages, [buffer]);
  }

  /** Closes both ends, once what was sent has arrived. */
  destroy(): void {
    this.#port.close();
  }

  readonly #flushNow = (): void => {
    this.#isScheduled = false;
    this.flush();
  };
}
