/** The answer that a connection of `node:http` is to send next. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * From the headers of its request until its last byte has left to the system. `undefined` between requests, and while a
 * request's headers have not all come. Node's own handling of broken requests reads the same field.
 */
export function dueAnswer(socket: Duplex): ServerResponse | undefined {
  const answer: ServerResponse | null | undefined = Reflect.get(socket, '_httpMessage');
  return answer ?? undefined;
}
