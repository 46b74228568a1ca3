/** Waits until a server of Node's listens. */
import type { ListenOptions, Server } from 'node:net';
import { ServingError } from '@serving/core';

/**
 * From then on errors of the server are passed over: they are of connections that could not be accepted, such as for want of
 * descriptors, and would end the process.
 *
 * @throws ServingError `UNAVAILABLE` when it can't listen.
 */
export function listening(
  server: Server,
  options: ListenOptions | { readonly fd: number },
  address: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', (cause) => {
      reject(new ServingError('UNAVAILABLE', `gRPC can't listen on ${address}: ${cause.message}`, { cause }));
    });
    server.listen(options, resolve);
  });
}
