/** Sends answers over `node:http`. */
import type { ServerResponse } from 'node:http';
import { ServingError } from '@serving/core';
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
    if (count === 1) setImmediate(() => this.#flush());
    else if (count === MAX_DUE) this.#flush();
  }

  #flush(): void {
    const due = this.#due;
    this.#due = [];
    for (const { response, answered } of due) {
      if (response.destroyed || response.headersSent) continue;
      try {
        response.writeHead(answered.status, answered.headers);
        response.end(answered.body);
      } catch (reason) {
        response.destroy(ServingError.from(reason));
      }
    }
  }
}

interface DueResponse {
  readonly response: ServerResponse;
  readonly answered: HttpResponse;
}

/** As many as wait at most for runs that come after them in the same turn. */
const MAX_DUE = 16;
