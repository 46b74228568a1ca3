/** Connections of which there is only a descriptor. */
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * A connection by its descriptor, which is the socket's from then on.
 *
 * @throws what Node fails with; the descriptor is closed then
 */
export function socketOfDescriptor(fd: number, options: { readonly allowHalfOpen?: boolean } = {}): Socket {
  try {
    return new Socket({ ...options, fd, readable: true, writable: true });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
