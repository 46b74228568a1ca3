/** Sends answers over `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServingError } from '@serving/core';
import type { Clock } from '@serving/core/extend';
import type { HttpResponse } from '../http-message.js';

/**
 * Answers that become due in one turn of the event loop leave together at its end, in their order. A client on the same
 * machine is then woken once for all of its answers, not once for each, which costs the system more than the answer itself.
 */
export class ResponseWriter {
  #due: DueResponse[] = [];

  /** Sends an answer, soon. Nothing happens when the client has gone or the host has answered by then. */
  send(response: ServerResponse, answered: HttpResponse): void {
    const count = this.#due.push({ response, answered });
    if (count === 1) setImmediate(this.#flush);
    else if (count === MAX_DUE) this.#flush();
  }

  readonly #flush = (): void => {
    const due = this.#due;
    this.#due = [];
    for (let i = 0; i < due.length; i++) write(due[i]!);
  };
}

interface DueResponse {
  readonly response: ServerResponse;
  readonly answered: HttpResponse;
}

/** As many as wait at most for runs that come after them in the same turn. */
const MAX_DUE = 16;

function write({ response, answered: { status, headers, body } }: DueResponse): void {
  if (response.destroyed || response.headersSent) return;
  try {
    response.writeHead(status, headers);
    // Node sends text in one piece with the headers, but bytes in a piece of their own.
    if (body.length <= SHORT) response.end(Buffer.prototype.latin1Slice.call(body), 'latin1');
    else response.end(body);
  } catch (reason) {
    response.destroy(ServingError.from(reason));
  }
}

/** Bytes that are copied in less time than a piece of their own takes. */
const SHORT = 2048;

/**
 * Answers before the body has come, then closes the connection. What the client still sends is thrown away for a moment:
 * closing with unread data would reset the connection, and the client might never see the answer.
 */
export function rejectBody(
  { status, headers, body }: HttpResponse,
  request: IncomingMessage,
  response: ServerResponse,
  clock: Clock,
): void {
  response.writeHead(status, headers);
  response.write(body);
  const cancel = clock.setTimer(() => response.end(), LINGER_MS);
  request.on('close', () => {
    cancel();
    response.end();
  });
  request.resume();
}

const LINGER_MS = 1000;
