/** Whether an address can be listened on, found out before there is something to answer there. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { ServingError } from './serving-error.js';

/**
 * Listens for a moment on the addresses of a host, and stops.
 *
 * @param api for the error: `REST`
 * @throws ServingError `UNAVAILABLE` when none of them can be listened on.
 */
export async function checkBindable(api: string, host: string, port: number): Promise<void> {
  try {
    const addresses = await lookup(host, { all: true });
    const failures = await Promise.all(addresses.map(({ address }) => failureOf(address, port)));
    if (failures.every((failure) => failure !== undefined)) throw failures[0];
  } catch (cause) {
    const shown = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    throw new ServingError('UNAVAILABLE', `${api} can't listen on ${shown}: ${(cause as Error).message}`, { cause });
  }
}

async function failureOf(address: string, port: number): Promise<unknown> {
  const server = createServer().listen(port, address);
  try {
    await once(server, 'listening');
  } catch (error) {
    return error;
  }
  server.close();
  await once(server, 'close');
  return undefined;
}
