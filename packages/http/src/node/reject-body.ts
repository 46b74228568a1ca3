/** Answers a request whose body is too large to be read. */
import type { Clock } from '@serving/core';
import type { HttpResponse } from '../http-message.js';
import type { NodeExchange } from './node-request.js';

/**
 * Answers before the body has come, then closes the connection. What the client still sends is thrown away for a moment:
 * closing with unread data would reset the connection, and the client might never see the answer.
 */
export function refuseBody(
  { status, headers, body }: HttpResponse,
  { request, response }: Pick<NodeExchange, 'request' | 'response'>,
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
