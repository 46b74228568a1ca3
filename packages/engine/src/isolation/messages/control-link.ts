/** One end of a connection between the process or thread that runs a model and one that sends it runs. */
import type { IncomingMessage, OutgoingMessages } from './message-buffer.js';

/** Sends messages. */
export interface ControlLink {
  readonly outgoing: OutgoingMessages;
  /** Sends what was added, at the end of this turn of the event loop. */
  flushSoon(): void;
  /** Sends what was added, now. A message to an end that is gone is dropped. */
  flush(): void;
}

/** What an end calls. */
export interface ControlEvents {
  onMessage(message: IncomingMessage): void;
  /** All messages of one read were delivered. */
  onDelivered?(): void;
  /** The other end is gone. Called once, after the last message. */
  onClosed(): void;
}
