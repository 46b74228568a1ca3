/** Sockets that the main thread binds, and other threads accept on. */
import { type AddressInfo, createServer } from 'node:net';
import { ServingError } from '../../serving-error.js';
import type { ThreadSupport } from '../thread-support.js';

/** A bound socket, without a handle in this thread. */
export interface ListeningSocket {
  /** The caller closes it. */
  readonly descriptor: number;
  /** As bound. */
  readonly host: string;
  readonly port: number;
}

/**
 * Binds and listens. This thread never accepts: its handle is closed before its event loop could.
 *
 * @param title what listens, for the error: `REST`
 * @throws ServingError `UNAVAILABLE` when the address can't be listened on
 */
export async function listeningSocket(
  support: ThreadSupport,
  { title, host, port }: { readonly title: string; readonly host: string; readonly port: number },
): Promise<ListeningSocket> {
  const server = createServer();
  try {
    return await new Promise<ListeningSocket>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, () => {
        try {
          const { address, port: bound } = server.address() as AddressInfo;
          const handle: { readonly fd: number } = Reflect.get(server, '_handle');
          resolve({ descriptor: support.duplicateDescriptor(handle.fd), host: address, port: bound });
        } catch (error) {
          reject(error);
        }
        server.close();
      });
    });
  } catch (cause) {
    if (cause instanceof ServingError) throw cause;
    const message = `${title} can't listen on ${host}:${port}: ${(cause as Error).message}`;
    throw new ServingError('UNAVAILABLE', message, { cause });
  }
}
